import {setTimeout as sleep} from 'node:timers/promises'
import {answer} from '../origin/answer.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import type {Reply} from '../origin/reply.ts'
import type {OriginRequest} from '../origin/request.ts'
import type {Resource} from '../origin/resource.ts'

/** One address of a round: what it gives, and how slowly. */
export interface Served {
  readonly path: string
  readonly content: Buffer
  readonly validators: 'strong' | 'none'
  readonly framing: 'length' | 'chunked'
  /** Milliseconds before the head. */
  readonly delay: number
  readonly bytesPerSecond: number
  /** Position at which the first connection is lost; undefined: none is. */
  readonly cutAt: number | undefined
  readonly status: number
  /** The field without which nothing is given. */
  readonly secret: string | undefined
}

// What a process that was killed has sent arrives before what its successor sends, but not always at one look.
const grace = 100
const slice = 32 * 1024

/** The server of one lane. It knows what it has sent and stored, and whether two ask for the same at one time. */
export class BackgroundServer implements AsyncDisposable {
  readonly #origin: Origin
  readonly #open = new Map<string, Set<Reply>>()
  readonly faults: string[] = []
  /** What whole bodies were sent to each path. */
  readonly stored = new Map<string, Buffer[]>()
  sent = 0

  constructor(origin: Origin) {
    this.#origin = origin
    origin.on(
      'PUT',
      (request, reply) => this.#watched(request, reply, () => this.#store(request, reply)),
      'head'
    )
  }

  static async start(): Promise<BackgroundServer> {
    return new BackgroundServer(await startOrigin())
  }

  /** Transfers that are under way. */
  get underway(): number {
    return [...this.#open.values()].reduce((sum, replies) => sum + replies.size, 0)
  }

  url(path: string): string {
    return this.#origin.url(path)
  }

  serve(served: Served): void {
    let first = true
    this.#origin.on(served.path, (request, reply) => {
      const cutAt = first ? served.cutAt : undefined
      first = false
      return this.#watched(request, reply, () => this.#send({...served, cutAt}, {request, reply}))
    })
  }

  /** Forgets what was, and returns what was wrong with it. */
  take(): {readonly faults: readonly string[]; readonly sent: number} {
    const taken = {faults: this.faults.splice(0), sent: this.sent}
    this.stored.clear()
    this.#origin.requests.splice(0)
    this.sent = 0
    return taken
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#origin.close()
    if (this.#origin.failures.length > 0)
      throw new AggregateError(this.#origin.failures, 'The server has failed')
  }

  async #watched(request: OriginRequest, reply: Reply, act: () => Promise<void>): Promise<void> {
    const {path} = request
    const replies = this.#open.get(path) ?? new Set()
    const before = [...replies]
    this.#open.set(path, replies.add(reply))
    void reply.finished.then(() => {
      replies.delete(reply)
      if (replies.size === 0) this.#open.delete(path)
    })
    if (before.length > 0) {
      await sleep(grace)
      if (before.some(other => replies.has(other)) && replies.has(reply))
        this.faults.push(`two transfers of ${path} at one time`)
    }
    await act()
  }

  async #send(served: Served, {request, reply}: {request: OriginRequest; reply: Reply}): Promise<void> {
    const {content, path, validators, framing, status, secret, delay, cutAt} = served
    await sleep(delay)
    if (secret !== undefined && !request.rawHead.includes(secret)) return reply.respond(401)
    if (status !== 200) return reply.respond(status)
    const entityTag = `"${path}"`
    const resource: Resource = {body: content, framing, ...(validators === 'strong' ? {entityTag} : {})}
    const {status: given, headers, parts} = answer(resource, request, {})
    const [part] = parts
    await reply.head(given, headers)
    if (!part || 'text' in part) return reply.end()
    const bytes = content.subarray(part.offset, Math.min(part.offset + part.length, cutAt ?? Infinity))
    await this.#pace(reply, bytes, served.bytesPerSecond)
    return bytes.length === part.length ? reply.end() : reply.fin()
  }

  async #pace(reply: Reply, bytes: Buffer, bytesPerSecond: number): Promise<void> {
    const started = performance.now()
    for (let position = 0; position < bytes.length && reply.isOpen(); position += slice) {
      const piece = bytes.subarray(position, position + slice)
      await reply.write(piece)
      this.sent += piece.length
      const left = started + ((position + piece.length) / bytesPerSecond) * 1000 - performance.now()
      if (left > 2) await sleep(left)
    }
  }

  async #store(request: OriginRequest, reply: Reply): Promise<void> {
    if (/100-continue/i.test(request.header('expect') ?? '')) await reply.informational(100)
    await request.untilReceived(Infinity)
    if (request.bodyState !== 'whole') return
    const {path} = request
    this.stored.set(path, [...(this.stored.get(path) ?? []), request.takeBody()])
    await reply.respond(201)
  }
}
