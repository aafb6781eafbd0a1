import type {Socket} from 'node:net'

/**
 * Lets the reason come before the end: Node tells the end of a TLS connection before the alert that ended it (and that
 * names, say, a missing client certificate), and who hears of the end first destroys the socket. Only for a connection
 * that has not brought a byte: afterwards an alert explains nothing that the answer does not.
 */
export function hearAlerts(socket: Socket, hasReceived: () => boolean): void {
  const emit: (event: string | symbol, ...values: unknown[]) => boolean = socket.emit
  socket.emit = (event: string | symbol, ...values: unknown[]) => {
    if (event !== 'end' || hasReceived()) return emit.call(socket, event, ...values)
    setImmediate(() => {
      if (!socket.destroyed) emit.call(socket, event, ...values)
    })
    return true
  }
}
