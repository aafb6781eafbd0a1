import {setTimeout as sleep} from 'node:timers/promises'
import type {Fields, Reply} from '../origin/reply.ts'
import type {OriginRequest} from '../origin/request.ts'
import type {Fault, RequestKind} from './fault.ts'

/** One request at the server, and what becomes of it. */
export class Incoming {
  readonly kind: RequestKind
  readonly request: OriginRequest
  readonly reply: Reply
  readonly fault: Fault
  /** Of the final answer, once one was given. */
  status: number | undefined
  /** Another request has ended this one: nothing of it counts any more. */
  isTerminated = false
  #taken = 0

  constructor(kind: RequestKind, {request, reply, fault}: Pick<Incoming, 'request' | 'reply' | 'fault'>) {
    this.kind = kind
    this.request = request
    this.reply = reply
    this.fault = fault
  }

  /** Content still comes, or its answer is still waited for. */
  get isUnderway(): boolean {
    return this.request.bodyState === 'arriving' || (this.status === undefined && this.reply.isOpen())
  }

  /** Hands on content as it comes. enough: so many bytes have come, whether or not there is more. */
  async receive(most: number, take: (bytes: Buffer) => void): Promise<'whole' | 'broken' | 'enough'> {
    let received = 0
    while (received < most) {
      await this.request.untilReceived(this.#taken + 1)
      if (this.isTerminated) return 'broken'
      const {bodyState} = this.request
      const bytes = this.request.takeBody()
      this.#taken += bytes.length
      const wanted = bytes.subarray(0, most - received)
      received += wanted.length
      if (wanted.length > 0) take(wanted)
      if (bodyState !== 'arriving') return received === most ? 'enough' : bodyState
    }
    return 'enough'
  }

  answer(status: number, fields: Fields = {}, body: Buffer | string = ''): Promise<void> {
    this.status = status
    return this.reply.respond(status, fields, body)
  }

  /** Does what the fault says instead of the right answer; false: it says nothing of the kind. */
  async failsAsPlanned(): Promise<boolean> {
    const {connection, status, fields, body, lateBy} = this.fault
    if (lateBy !== undefined) await sleep(lateBy, undefined, {ref: false})
    if (connection) await this.breakDown(connection)
    else if (status !== undefined) await this.answer(status, {...fields}, body)
    return connection !== undefined || status !== undefined
  }

  /** Does to the connection what the fault says. */
  async breakDown(how: 'fin' | 'reset' | 'stall'): Promise<void> {
    if (how === 'fin') await this.reply.fin()
    else if (how === 'reset') await this.reply.reset()
    else this.request.pause()
  }

  /** Resolves when it is not under way any more, or after so many milliseconds. */
  async untilOver(patience: number): Promise<void> {
    // A connection that nobody reads from does not tell that the client has gone.
    this.request.resume()
    const over = Promise.all([this.request.untilReceived(Infinity), this.reply.finished])
    await Promise.race([over, sleep(patience, undefined, {ref: false})])
  }

  terminate(): void {
    this.isTerminated = true
    void this.reply.reset()
  }
}
