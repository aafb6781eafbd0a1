import {once} from 'node:events'
import {connect, createServer} from 'node:net'
import type {AddressInfo, Socket} from 'node:net'
import {onTestFinished} from 'vitest'
import type {Identity} from '../../origin/certificates.ts'
import {watchProxyRequest} from '../../canary/canary.ts'
import {shakeHands} from '../../origin/shake-hands.ts'

/** What a proxy says to a head instead of doing what it asks; undefined: it does. */
export type Objection = (head: string, count: number) => string | Buffer | undefined

export interface ProxyOptions {
  /** The certificate of an https proxy. */
  readonly tls?: Identity
  readonly clientCertificate?: 'requested'
  readonly objection?: Objection
}

/** An HTTP proxy of the loopback interface, to which every name is this machine. It writes down what it is told. */
export class ScriptedProxy {
  /** Every head that a client sent, CONNECT and others. */
  readonly heads: string[] = []
  /** Of the certificates that clients showed. */
  readonly clientNames: string[] = []
  connections = 0
  readonly port: number
  readonly #options: ProxyOptions

  constructor(port: number, options: ProxyOptions) {
    this.port = port
    this.#options = options
  }

  get url(): string {
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`
  }

  /** The request lines, in order. */
  get asked(): string[] {
    return this.heads.map(head => head.split('\r\n')[0] ?? '')
  }

  /** The values of a header, head by head; undefined where it was not sent. */
  values(name: string): (string | undefined)[] {
    const line = new RegExp(`^${name}: (.*)$`, 'im')
    return this.heads.map(head => line.exec(head)?.[1]?.trim())
  }

  async serve(transport: Socket): Promise<void> {
    this.connections += 1
    const {tls, clientCertificate} = this.#options
    const secured = tls && (await shakeHands(transport, {identity: tls, clientCertificate}))
    if (tls && !secured) return
    if (secured?.handshake.clientName !== undefined) this.clientNames.push(secured.handshake.clientName)
    const client = secured?.socket ?? transport
    client.on('error', () => transport.destroy())
    let text = ''
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = text.slice(0, end + 4)
      const early = text.slice(end + 4)
      text = early
      this.heads.push(head)
      watchProxyRequest(head, this)
      const objection = this.#options.objection?.(head, this.heads.length)
      if (objection !== undefined) return void client.write(objection)
      client.off('data', read)
      passOn(client, head, early)
    }
    client.on('data', read)
  }
}

function passOn(client: Socket, head: string, early: string): void {
  const [line = '', ...fields] = head.split('\r\n')
  const [method, target = ''] = line.split(' ')
  const url = new URL(method === 'CONNECT' ? `http://${target}` : target)
  const origin = connect(Number(url.port), '127.0.0.1')
  origin.on('error', () => client.destroy())
  client.on('close', () => origin.destroy())
  origin.on('connect', () => {
    if (method === 'CONNECT') client.write('HTTP/1.1 200 Connection established\r\nVia: a proxy\r\n\r\n')
    else {
      const own = fields.filter(field => !/^(proxy-|connection:)/i.test(field)).join('\r\n')
      origin.write(`${method} ${url.pathname}${url.search} HTTP/1.1\r\nConnection: close\r\n${own}`)
    }
    origin.write(early, 'latin1')
    client.pipe(origin).pipe(client)
  })
}

/** Starts a proxy that lives as long as the test. */
export async function startProxy(options: ProxyOptions = {}): Promise<ScriptedProxy> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    void proxy.serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = new ScriptedProxy((server.address() as AddressInfo).port, options)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return proxy
}

/** A 407 that offers something. */
export function demand(...challenges: string[]): string {
  const fields = challenges.map(challenge => `Proxy-Authenticate: ${challenge}\r\n`).join('')
  return `HTTP/1.1 407 Proxy Authentication Required\r\n${fields}Content-Length: 0\r\n\r\n`
}

/** Objects until the right words are said. */
export function demanding(challenge: string, isRight: (value: string) => boolean): Objection {
  return head => {
    const value = /^proxy-authorization: (.*)$/im.exec(head)?.[1] ?? ''
    return isRight(value.trim()) ? undefined : demand(challenge)
  }
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
