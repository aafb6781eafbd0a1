# Copies the disk image while a transfer writes to it, then continues on each copy as after a power cut.
# Mounts live in the caller's own mount namespace and end with it.
set -eu
folder=$1 node=$2 transfer=$3 order=$4 order_on_copy=$5
copy_disk=$(dirname "$0")/copy-disk.sh
cd "$folder"
mkdir disk copy
mount -o loop image disk
printf 'what the target held before' >disk/F
sync -f disk
"$node" "$transfer" "$order" >outcome 2>&1 &
transfer_id=$!
number=0
while kill -0 "$transfer_id" 2>/dev/null; do
  number=$((number + 1))
  sh "$copy_disk" image "image.$number" "$transfer_id"
  sleep 0.2
done
wait "$transfer_id"
number=$((number + 1))
sh "$copy_disk" image "image.$number"
umount disk

while [ "$number" -gt 0 ]; do
  mount -o loop "image.$number" copy
  before=$(sha256sum <copy/F | cut -c 1-16)
  beside=$(ls copy | grep -v lost+found | tr '\n' ',')
  "$node" "$transfer" "$order_on_copy" >outcome 2>&1 && outcome=0 || outcome=$?
  after=$(sha256sum <copy/F | cut -c 1-16)
  left=$(ls -A copy | grep -v lost+found | tr '\n' ',')
  echo "copy $number $before $beside $outcome $after $left"
  [ "$outcome" -eq 0 ] || cat outcome >&2
  umount copy
  number=$((number - 1))
done
