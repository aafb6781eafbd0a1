# Runs background downloads while the daemon's log is on a disk that is full to the last byte.
# Needs a mount namespace of its own, and $NODE, $FERRY, $FERRY_HOME, $URL.
set -eu
ferry() { "$NODE" "$FERRY" "$@"; }
cd "$FERRY_HOME"
mkdir -p full state/background
chmod 700 state state/background
mount -t tmpfs -o size=64k tmpfs full
for log in full/log state/background/daemon.log; do
  : >"$log"
  chmod 600 "$log"
done
mount --bind full/log state/background/daemon.log
cat /dev/zero >full/rest 2>/dev/null || true
for name in one two three; do ferry get --background -q -o "$name" "$URL"; done >ids
ferry wait $(cat ids)
ferry sessions attach background >events &
until grep -qs eventsFinished events; do sleep 0.1; done
kill $!
ferry daemon stop
test ! -s full/log
