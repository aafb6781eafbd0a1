import {chmod, unlink, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {IncomingMessage, RequestListener, Server} from 'node:http'
import type {Socket} from 'node:net'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {TransferError} from '../engine/index.ts'

/** Where a door is: a path of a socket or pipe, with its entry in the runtime folder, or a socket that listens already. */
export type DoorPlace =
  | {readonly kind: 'path'; readonly socketPath: string; readonly entry: string}
  | {readonly kind: 'descriptor'; readonly descriptor: number}

export interface DoorOptions {
  readonly serve: RequestListener
  /** keeps: the process lives as long as the door is open. */
  readonly process: 'keeps' | 'letsGo'
}

/** What a door has to know of who answers behind it when it is closed. */
export interface ClosingDesk {
  endStreams(): void
  answered(): Promise<void>
}

const mostClients = 64
const requestPatience = 10_000
// Node's server looks for slow requests every half a minute, whether there are any or not. An idle process must not wake up,
// so each connection has a timer of its own instead.
const never = 2 ** 31 - 1

/** Takes connections at that place from here on. Throws WRITE_FAILED. */
export async function openDoor(place: DoorPlace, options: DoorOptions): Promise<Door> {
  const door = new Door(place, options)
  await door.listen()
  return door
}

/** HTTP/1.1 on one unix socket or named pipe, for this user alone. */
export class Door {
  readonly #place: DoorPlace
  readonly #server: Server
  /** The oldest first. */
  readonly #clients = new Set<Socket>()
  readonly #requests = new WeakMap<Socket, IncomingMessage>()

  constructor(place: DoorPlace, options: DoorOptions) {
    this.#place = place
    this.#server = createServer({connectionsCheckingInterval: never}, (request, response) => {
      this.#requests.set(request.socket, request)
      options.serve(request, response)
    })
    this.#server.on('connection', (socket: Socket) => this.#accept(socket))
    if (options.process === 'letsGo') this.#server.unref()
  }

  /** For openDoor. */
  async listen(): Promise<void> {
    const {promise, resolve, reject} = Promise.withResolvers<void>()
    // Stays: an error of the listening socket later on must not end the transfers.
    this.#server.on('error', reject)
    const place = this.#place
    if (place.kind === 'path') this.#server.listen({path: place.socketPath, exclusive: true}, resolve)
    else this.#server.listen({fd: place.descriptor}, resolve)
    try {
      await promise
      if (place.kind === 'path') await closeToOthers(place)
    } catch (cause) {
      this.#server.close()
      const name = place.kind === 'path' ? place.socketPath : `with the number ${place.descriptor}`
      throw new TransferError('WRITE_FAILED', `The socket ${name} cannot be opened`, {cause})
    }
  }

  /** Takes no more connections, and ends those it has when they are answered. Leaves nothing in the runtime folder. */
  async close(desk: ClosingDesk): Promise<void> {
    if (this.#place.kind === 'path') await unlink(this.#place.entry).catch(() => {})
    desk.endStreams()
    // One turn, so that requests that have arrived are read and not dropped.
    await nextTurn()
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    await desk.answered()
    this.#server.closeAllConnections()
    await closed
  }

  #accept(socket: Socket): void {
    socket.unref()
    if (this.#clients.size >= mostClients && !this.#makeRoom()) return void socket.destroy()
    this.#clients.add(socket)
    const slow = setTimeout(() => {
      if (!this.#hasAsked(socket)) socket.destroy()
    }, requestPatience).unref()
    socket.once('close', () => {
      clearTimeout(slow)
      this.#clients.delete(socket)
    })
  }

  // Whoever says nothing must not keep out those who have a question.
  #makeRoom(): boolean {
    const silent = [...this.#clients].find(socket => !this.#hasAsked(socket))
    silent?.destroy()
    return silent !== undefined && this.#clients.delete(silent)
  }

  #hasAsked(socket: Socket): boolean {
    return this.#requests.get(socket)?.complete === true
  }
}

// Whatever the umask; until here, the folder's own mode has kept everybody out.
async function closeToOthers({
  socketPath,
  entry
}: {
  readonly socketPath: string
  readonly entry: string
}): Promise<void> {
  if (process.platform === 'win32') await writeFile(entry, '', {flag: 'wx'})
  else await chmod(socketPath, 0o600)
}
