# Runs a command on a file system of a given size, in the caller's own mount namespace.
# Arguments: the folder, its size, shell words to run before and after, and the command.
set -eu
disk=$1 size=$2 before=$3 after=$4
shift 4
mkdir -p "$disk"
mount -t tmpfs -o "size=$size" tmpfs "$disk"
eval "$before"
"$@" && code=0 || code=$?
# What the second part prints goes where it does not mix with the command's own answer.
exec 1>&2
eval "$after"
exit "$code"
