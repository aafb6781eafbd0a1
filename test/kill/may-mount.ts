import {spawnSync} from 'node:child_process'

// A namespace of its own, and in it a disk image: all that a power cut is made of.
const trial = `
  set -e
  folder=$(mktemp -d)
  trap 'rm -r "$folder"' EXIT
  cd "$folder"
  truncate -s 1M image
  mkfs.ext4 -q image
  mkdir disk
  mount -o loop image disk
  umount disk`

/** May this user mount disk images here? Where not, whoever reads the report is told what was not proved. */
export function mayMount(): boolean {
  const {status, stderr} = spawnSync('unshare', ['-m', 'sh', '-c', trial], {encoding: 'utf8'})
  if (status === 0) return true
  const why = stderr ? stderr.trim() : 'there is no unshare'
  process.stderr.write(
    `\n*** SKIPPED: a power cut is not tried here, because no disk image can be mounted (${why}).\n`
  )
  process.stderr.write('*** It takes root, unshare, mkfs.ext4 and loop devices.\n\n')
  return false
}
