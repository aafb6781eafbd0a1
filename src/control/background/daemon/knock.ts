import {utimesSync, watch} from 'node:fs'

// Who finds the daemon's lock taken and its socket gone cannot ask it for a new one: the folder of sockets goes with the last
// log-out, and with careless tidying. Both know the file of the lock, and to watch a file costs nothing until it is touched.

/** Tells the owner of the lock that somebody looks for it. Never throws. */
export function knock(lockPath: string): void {
  try {
    const now = new Date()
    utimesSync(lockPath, now, now)
  } catch {
    // It has just gone.
  }
}

/** Calls when somebody knocks, until the result is called. Never throws, and does not keep the process. */
export function hearKnocks(lockPath: string, heard: () => void): () => void {
  try {
    const watcher = watch(lockPath, {persistent: false}, heard)
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    // A system may have no more watches to give: then the daemon is as far away as its socket.
    return () => {}
  }
}
