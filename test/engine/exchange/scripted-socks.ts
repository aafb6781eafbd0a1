import {once} from 'node:events'
import {connect, createServer} from 'node:net'
import type {AddressInfo, Socket} from 'node:net'
import {onTestFinished} from 'vitest'

export interface SocksOptions {
  /** Asked for with RFC 1929; nobody is asked unless given. */
  readonly user?: string
  readonly password?: string
  /** The reply to every request; 0 connects. */
  readonly reply?: number
  /** Said to whoever connects, instead of anything else. */
  readonly words?: string
}

/** A SOCKS5 proxy of the loopback interface, to which every name and address is this machine. */
export interface ScriptedSocks {
  readonly port: number
  readonly url: string
  /** What clients wanted to be connected with: names as they were sent, addresses without brackets. */
  readonly targets: readonly string[]
}

/** Starts a proxy that lives as long as the test. */
export async function startSocks(options: SocksOptions = {}): Promise<ScriptedSocks> {
  const targets: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    if (options.words !== undefined) socket.write(options.words)
    else void serve(socket, {options, targets}).catch(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {port, url: `socks5://127.0.0.1:${port}`, targets}
}

interface Serving {
  readonly options: SocksOptions
  readonly targets: string[]
}

async function serve(client: Socket, {options, targets}: Serving): Promise<void> {
  const [, count = 0] = await take(client, 2)
  const methods = await take(client, count)
  const method = options.user === undefined ? 0 : 2
  if (!methods.includes(method)) return void client.end(Buffer.from([5, 0xff]))
  client.write(Buffer.from([5, method]))
  if (method === 2 && !(await isRight(client, options))) return void client.end(Buffer.from([1, 1]))
  if (method === 2) client.write(Buffer.from([1, 0]))
  const [, , , kind = 0] = await take(client, 4)
  const host = await hostOf(client, kind)
  const port = (await take(client, 2)).readUInt16BE()
  targets.push(`${host}:${port}`)
  const reply = options.reply ?? 0
  // The address that it connects from, in each of the three kinds by turns.
  const bound = [
    [1, 127, 0, 0, 1],
    [3, 3, 97, 98, 99],
    [4, ...Array<number>(16).fill(0)]
  ][targets.length % 3]
  client.write(Buffer.from([5, reply, 0, ...(bound ?? []), 0, 0]))
  if (reply !== 0) return
  const origin = connect(port, '127.0.0.1')
  origin.on('error', () => client.destroy())
  client.on('close', () => origin.destroy())
  client.pipe(origin).pipe(client)
}

async function isRight(client: Socket, {user, password}: SocksOptions): Promise<boolean> {
  const [, length = 0] = await take(client, 2)
  const name = (await take(client, length)).toString()
  const [size = 0] = await take(client, 1)
  const word = size === 0 ? '' : (await take(client, size)).toString()
  return name === user && word === password
}

async function hostOf(client: Socket, kind: number): Promise<string> {
  if (kind === 1) return (await take(client, 4)).join('.')
  if (kind === 3) return (await take(client, (await take(client, 1))[0] ?? 0)).toString()
  const groups = (await take(client, 16)).toString('hex').match(/.{4}/g) ?? []
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

async function take(client: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const chunk = client.read(length) as Buffer | null
    if (chunk) return chunk
    if (client.destroyed || client.readableEnded) throw new Error('The client went away')
    await Promise.race([once(client, 'readable'), once(client, 'close')])
  }
}
