# Runs background downloads whose journal is on a disk that gets full while they run, and has room again later.
# Needs a mount namespace of its own, and $NODE, $FERRY, $FERRY_HOME, $URL.
set -eu
ferry() { "$NODE" "$FERRY" "$@"; }
cd "$FERRY_HOME"
mkdir -m 700 state
mount -t tmpfs -o size=2m,mode=700 tmpfs state
for name in one two three; do ferry get --background -q -o "$name" "$URL"; done >ids
cat /dev/zero >state/rest 2>/dev/null || true
# From here on the server goes on.
mkdir full
until grep -q 'no space' state/background/daemon.log; do sleep 0.2; done
if ferry get --background -q -o four "$URL"; then exit 1; else test $? = 23; fi
rm state/rest
ferry wait $(cat ids)
ferry sessions attach background >events &
until grep -qs eventsFinished events; do sleep 0.1; done
kill $!
ferry daemon stop
