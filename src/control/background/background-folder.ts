import {join} from 'node:path'

/** Where the daemon keeps what is its own, below the state folder: for this user alone. Nothing is made by naming it. */
export function backgroundFolder(stateFolder: string): string {
  return join(stateFolder, 'background')
}

/** The daemon's log. */
export function daemonLogPath(stateFolder: string): string {
  return join(backgroundFolder(stateFolder), 'daemon.log')
}

/** The memory of the daemon. */
export function journalPath(stateFolder: string): string {
  return join(backgroundFolder(stateFolder), 'journal.sqlite')
}

/** The file whose lock the daemon has. */
export function ownerPath(stateFolder: string): string {
  return join(backgroundFolder(stateFolder), 'owner.sqlite')
}
