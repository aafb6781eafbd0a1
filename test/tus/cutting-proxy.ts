import {connect, createServer} from 'node:net'
import type {AddressInfo, Socket} from 'node:net'
import {onTestFinished} from 'vitest'

/** Passes connections on to a port of this machine, and breaks them where the test says. */
export class CuttingProxy {
  readonly #to: number
  readonly #open = new Set<Socket>()
  /** Bytes that clients may send until the next cut, one number for each. */
  readonly #cuts: number[] = []
  #sent = 0
  /** Connections that were broken. */
  broken = 0
  readonly #server = createServer(client => this.#pass(client))

  constructor(to: number) {
    this.#to = to
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** After so many bytes from clients, heads included, the connection that brought them breaks; then after the next number. */
  cut(...afterBytes: readonly number[]): void {
    this.#cuts.push(...afterBytes)
    this.#sent = 0
  }

  listen(): Promise<void> {
    return new Promise(resolve => this.#server.listen(0, '127.0.0.1', resolve))
  }

  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    for (const socket of this.#open) socket.destroy()
    await closed
  }

  #pass(client: Socket): void {
    const server = connect(this.#to, '127.0.0.1')
    const end = (): void => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      this.#open.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        this.#open.delete(socket)
        end()
      })
    }
    server.pipe(client)
    client.on('data', bytes => {
      const [cut] = this.#cuts
      const room = cut === undefined ? bytes.length : Math.min(bytes.length, cut - this.#sent)
      this.#sent += room
      const isFull = !server.write(bytes.subarray(0, room))
      if (isFull) {
        client.pause()
        server.once('drain', () => client.resume())
      }
      if (room < bytes.length) this.#break(client, server)
    })
  }

  // What was passed on arrives before the connection is reset.
  #break(client: Socket, server: Socket): void {
    this.#cuts.shift()
    this.#sent = 0
    this.broken += 1
    client.pause()
    server.end(() => server.destroy())
    client.resetAndDestroy()
  }
}

/** A proxy that lives as long as the test. */
export async function startCuttingProxy(to: number): Promise<CuttingProxy> {
  const proxy = new CuttingProxy(to)
  await proxy.listen()
  onTestFinished(() => proxy.close())
  return proxy
}
