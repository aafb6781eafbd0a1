import type {Socket} from 'node:net'

type Callback = (error?: Error | null) => void

// How long a server that has stopped reading may take to say why.
const patience = 1000

/**
 * Makes a socket go on reading after a write has failed: a server that refuses a body says so, and closes while bytes are
 * still on their way to it. What it said has often reached us then, and its end tells of the failure as well.
 */
export function survivesFailedWrites(socket: Socket): void {
  const {_write: write, _writev: writeAll} = socket
  let waiting: Callback | undefined
  // Streams write one after the other, so one function serves all writes.
  const settle: Callback = error => {
    const done = waiting
    waiting = undefined
    if (!error || socket.destroyed) return done?.(error)
    setTimeout(() => done?.(error), patience).unref()
  }
  socket._write = (chunk, encoding, done) => {
    waiting = done
    write.call(socket, chunk, encoding, settle)
  }
  if (!writeAll) return
  socket._writev = (chunks, done) => {
    waiting = done
    writeAll.call(socket, chunks, settle)
  }
}
