import {timingSafeEqual} from 'node:crypto'
import {chmod, unlink, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {IncomingMessage, Server, ServerResponse} from 'node:http'
import type {Socket} from 'node:net'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {TransferError} from '../engine/index.ts'
import {answerRequest, errorBody} from './answer-request.ts'
import type {Answer, Asked} from './answer-request.ts'
import {newAddress} from './endpoint-address.ts'
import type {EndpointAddress} from './endpoint-address.ts'
import {ensurePrivateFolder} from './places.ts'
import type {Places} from './places.ts'
import {largestBody, readJson} from './request-body.ts'
import type {SessionRoll} from './session-roll.ts'
import type {TaskRoll} from './task-roll.ts'
import {TaskWatchers} from './task-watchers.ts'

export interface EndpointOptions {
  /** The tasks that can be controlled. */
  readonly roll: Pick<TaskRoll, 'find' | 'list'>
  /** The sessions that can be flushed, reset and invalidated. */
  readonly sessions: Pick<SessionRoll, 'named'>
  readonly places: Pick<Places, 'runtime'>
  /** The bearer token every request has to carry. */
  readonly token: string
  /** Resolves when the index on disk has heard of what happened so far; answers wait for it. */
  readonly settled?: () => Promise<void>
}

const mostClients = 64
const closingPatience = 500

/**
 * Lets other processes of this user see and stop the tasks of this one: HTTP/1.1 on a unix socket or named pipe, never
 * TCP. Throws REFUSED when the runtime folder is not private. It never keeps the process alive.
 */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  await ensurePrivateFolder(options.places.runtime)
  const address = newAddress(options.places.runtime)
  const endpoint = new Endpoint(options, address)
  await endpoint.listen()
  return endpoint
}

/** An open door; close() it before the process exits. */
export class Endpoint {
  readonly address: EndpointAddress
  readonly #options: EndpointOptions
  readonly #server: Server
  readonly #watchers: TaskWatchers
  readonly #underWay = new Set<ServerResponse>()
  #whenIdle: () => void = () => {}

  constructor(options: EndpointOptions, address: EndpointAddress) {
    this.#options = options
    this.address = address
    this.#watchers = new TaskWatchers(options.roll)
    this.#server = createServer({requestTimeout: 10_000}, (request, response) => {
      void this.#serve(request, response)
    })
    this.#server.maxConnections = mostClients
    this.#server.on('connection', (socket: Socket) => socket.unref())
  }

  /** For openEndpoint: takes connections from here on. */
  async listen(): Promise<void> {
    const {promise, resolve, reject} = Promise.withResolvers<void>()
    // Stays: an error of the listening socket later on must not end the transfers.
    this.#server.on('error', reject)
    this.#server.listen({path: this.address.socketPath, exclusive: true}, resolve)
    this.#server.unref()
    try {
      await promise
      // Whatever the umask; until here, the folder's own mode has kept everybody out.
      if (process.platform === 'win32') await writeFile(this.address.entry, '', {flag: 'wx'})
      else await chmod(this.address.socketPath, 0o600)
    } catch (cause) {
      this.#server.close()
      throw new TransferError('WRITE_FAILED', `The socket ${this.address.socketPath} cannot be opened`, {
        cause
      })
    }
  }

  /** Takes no more requests; what is being answered has half a second. Leaves nothing in the runtime folder. */
  async close(): Promise<void> {
    await unlink(this.address.entry).catch(() => {})
    this.#watchers.close()
    // One turn, so that requests that have arrived are read and not dropped.
    await nextTurn()
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    await this.#idle()
    this.#server.closeAllConnections()
    await closed
  }

  async #idle(): Promise<void> {
    if (this.#underWay.size === 0) return
    const {promise, resolve} = Promise.withResolvers<void>()
    this.#whenIdle = resolve
    const timer = setTimeout(resolve, closingPatience)
    await promise
    clearTimeout(timer)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAuthorized(request, this.#options.token)) {
      const refusal = new TransferError('REFUSED', 'The request does not carry the token of this user')
      return send(response, {status: 401, body: errorBody(refusal)})
    }
    if (request.method === 'GET' && request.url === '/tasks/watch') return this.#watchers.add(response)
    this.#underWay.add(response)
    response.once('close', () => this.#left(response))
    send(response, await this.#answer(request))
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    try {
      const asked: Asked = {
        method: request.method ?? '',
        url: request.url ?? '',
        body: await readJson(request, largestBody)
      }
      return await answerRequest(asked, this.#options)
    } catch (error) {
      const known =
        error instanceof TransferError
          ? error
          : new TransferError('USAGE', 'The request failed', {cause: error})
      return {status: 400, body: errorBody(known)}
    }
  }

  #left(response: ServerResponse): void {
    this.#underWay.delete(response)
    if (this.#underWay.size === 0) this.#whenIdle()
  }
}

function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {'content-type': 'application/json', connection: 'close'})
  response.end(`${JSON.stringify(answer.body)}\n`)
}

function isAuthorized(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(/^Bearer ([0-9a-f]+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
  const expected = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
