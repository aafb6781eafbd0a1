# Copies a disk image as a power cut would leave it: as it is at one instant, with nothing flushed for it.
# Arguments: the image, the copy, and the processes that write to it; they wait meanwhile.
# A copy takes a while, and the kernel writes when it likes: only two that are equal have seen one and the same disk.
set -eu
image=$1 copy=$2
shift 2
[ $# -eq 0 ] || kill -STOP "$@" 2>/dev/null || true
cp --sparse=always "$image" "$copy"
until cmp -s "$image" "$copy"; do cp --sparse=always "$image" "$copy"; done
[ $# -eq 0 ] || kill -CONT "$@" 2>/dev/null || true
