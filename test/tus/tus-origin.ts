import {createHash} from 'node:crypto'
import type {Handler} from '../origin/connection.ts'
import type {Origin} from '../origin/origin.ts'
import type {Reply} from '../origin/reply.ts'
import type {OriginRequest} from '../origin/request.ts'

/** One upload resource as the server has it. */
interface Kept {
  readonly length: number
  content: Buffer
}

interface Offer {
  readonly extensions?: string
  readonly maxSize?: number
  readonly algorithms?: string
}

const version = {'tus-resumable': '1.0.0'}

/** A server of tus on an origin that obeys, but for what the test tells it to answer instead. */
export class TusOrigin {
  readonly origin: Origin
  /** By path: /kept/1, /kept/2, ... */
  readonly kept = new Map<string, Kept>()
  /** Paths of the parts of each upload that was joined. */
  readonly joined: string[][] = []
  offer: Offer = {extensions: 'creation,termination,expiration'}
  readonly #instead = new Map<string, Handler[]>()
  #count = 0

  constructor(origin: Origin) {
    this.origin = origin
    origin.on('*', (request, reply) => {
      const handle = this.#instead.get(request.method)?.shift()
      return handle ? handle(request, reply) : this.answer(request, reply)
    })
  }

  /** The next requests of a method are answered so, in this order; those after them as usual. */
  instead(method: string, ...handlers: readonly Handler[]): void {
    this.#instead.set(method, [...(this.#instead.get(method) ?? []), ...handlers])
  }

  /** What was asked, in order: "PATCH /kept/1 from 0". */
  get story(): string[] {
    return this.origin.requests.map(request => {
      const offset = request.header('upload-offset')
      return `${request.method} ${request.path}${offset === undefined ? '' : ` from ${offset}`}`
    })
  }

  requestsWith(method: string): OriginRequest[] {
    return this.origin.requests.filter(request => request.method === method)
  }

  /** As the protocol has it. */
  answer(request: OriginRequest, reply: Reply): Promise<void> {
    switch (request.method) {
      case 'OPTIONS':
        return reply.respond(204, this.#abilities())
      case 'POST':
        return this.#create(request, reply)
      case 'DELETE':
        this.kept.delete(request.path)
        return reply.respond(204, version)
      default:
        return this.#ask(request, reply)
    }
  }

  #abilities(): Record<string, string | undefined> {
    const {extensions, maxSize, algorithms} = this.offer
    return {
      ...version,
      'tus-version': '1.0.0',
      'tus-extension': extensions,
      'tus-max-size': maxSize === undefined ? undefined : String(maxSize),
      'tus-checksum-algorithm': algorithms
    }
  }

  #create(request: OriginRequest, reply: Reply): Promise<void> {
    const path = `/kept/${++this.#count}`
    const concat = request.header('upload-concat') ?? ''
    const parts = concat.startsWith('final;')
      ? concat
          .slice('final;'.length)
          .split(' ')
          .map(url => new URL(url).pathname)
      : undefined
    if (parts) this.joined.push(parts)
    const content = Buffer.concat(parts?.map(part => this.kept.get(part)?.content ?? Buffer.alloc(0)) ?? [])
    const length = parts ? content.length : Number(request.header('upload-length'))
    this.kept.set(path, {length, content})
    return reply.respond(201, {...version, location: path})
  }

  #ask(request: OriginRequest, reply: Reply): Promise<void> {
    const kept = this.kept.get(request.path)
    if (!kept) return reply.respond(404, version)
    const {length} = kept
    if (request.method === 'PATCH') {
      if (Number(request.header('upload-offset')) !== kept.content.length) return reply.respond(409, version)
      if (!isIntact(request)) return reply.respond(460, version)
      kept.content = Buffer.concat([kept.content, request.body])
    }
    const offset = String(kept.content.length)
    const fields = {...version, 'upload-offset': offset, 'upload-length': String(length)}
    return reply.respond(request.method === 'HEAD' ? 200 : 204, fields)
  }
}

function isIntact(request: OriginRequest): boolean {
  const [algorithm, sum] = request.header('upload-checksum')?.split(' ') ?? []
  return algorithm === undefined || createHash(algorithm).update(request.body).digest('base64') === sum
}
