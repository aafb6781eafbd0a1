import {setTimeout as sleep} from 'node:timers/promises'
import {answer} from '../origin/answer.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import type {Reply} from '../origin/reply.ts'
import type {OriginRequest} from '../origin/request.ts'
import {seededSlice} from '../origin/seeded-bytes.ts'
import type {SeededBody} from '../origin/seeded-bytes.ts'

const slice = 64 * 1024

/** One path of an origin that sends at a steady pace and knows what it has sent. */
export class PacedResource {
  readonly body: SeededBody
  /** Bytes of bodies sent since the counter was last read. */
  sent = 0
  /** Is a body on its way at this moment? */
  isSending = false
  /** Position in the resource where the server goes away; undefined: never. */
  cutAt: number | undefined
  readonly #bytesPerSecond: number

  constructor(body: SeededBody, bytesPerSecond: number) {
    this.body = body
    this.#bytesPerSecond = bytesPerSecond
  }

  async serve(request: OriginRequest, reply: Reply): Promise<void> {
    const resource = {body: this.body, entityTag: `"seed-${this.body.seed}"`}
    const {status, headers, parts} = answer(resource, request, {})
    const [part] = parts
    await reply.head(status, headers)
    if (request.method === 'HEAD' || !part || 'text' in part) return reply.end()
    this.isSending = true
    const isWhole = await this.#send(reply, part)
    this.isSending = false
    return isWhole ? reply.end() : reply.fin()
  }

  async #send(reply: Reply, {offset, length}: {offset: number; length: number}): Promise<boolean> {
    const started = performance.now()
    const end = Math.min(offset + length, this.cutAt ?? Infinity)
    for (let position = offset; position < end; position += slice) {
      if (!reply.isOpen()) return false
      const size = Math.min(slice, end - position)
      await reply.write(seededSlice(this.body.seed, position, size))
      this.sent += size
      const due = started + ((position + size - offset) / this.#bytesPerSecond) * 1000
      const left = due - performance.now()
      if (left > 2) await sleep(left)
    }
    return end === offset + length
  }
}

/** An origin for such resources, each on the path of its number. */
export async function startPacedOrigin(resources: readonly PacedResource[]): Promise<Origin> {
  const origin = await startOrigin()
  for (const [number, resource] of resources.entries())
    origin.on(`/${number}`, (request, reply) => resource.serve(request, reply))
  return origin
}
