import {readFileSync, readdirSync, readlinkSync} from 'node:fs'

/** A process that was started as the daemon. */
export interface LivingDaemon {
  readonly pid: number
  /** It has the journal open: it is the one. */
  readonly isOwner: boolean
}

/** The daemons of a home that live at this moment, as the kernel lists them. */
export function livingDaemons({program, home}: {program: string; home: string}): readonly LivingDaemon[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(name => isDaemon(name, {program, home}))
    .map(name => ({pid: Number(name), isOwner: hasOpen(name, `${home}/state/background/journal.sqlite`)}))
}

function isDaemon(name: string, {program, home}: {program: string; home: string}): boolean {
  const words = read(`/proc/${name}/cmdline`).split('\0')
  if (words[1] !== program || words[2] !== 'daemon' || words[3] !== 'run') return false
  return read(`/proc/${name}/environ`).split('\0').includes(`FERRY_HOME=${home}`)
}

function hasOpen(name: string, path: string): boolean {
  try {
    return readdirSync(`/proc/${name}/fd`).some(descriptor => {
      try {
        return readlinkSync(`/proc/${name}/fd/${descriptor}`) === path
      } catch {
        return false
      }
    })
  } catch {
    return false
  }
}

// A process may end while it is looked at.
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
