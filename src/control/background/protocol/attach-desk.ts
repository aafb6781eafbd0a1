import {TransferError} from '../../../engine/index.ts'
import {AttachStream} from './attach-stream.ts'
import type {AttachFacts, AttachParts} from './attach-stream.ts'
import type {Journal} from '../journal.ts'

export interface AttachDeskOptions extends AttachParts {
  readonly journal: AttachParts['journal'] & Pick<Journal, 'acknowledge'>
}

/** Who hears the events of which session: one client at a time (B2, R71). Its connection is all that it owns it by. */
export class AttachDesk {
  readonly #options: AttachDeskOptions
  readonly #streams = new Map<string, AttachStream>()

  constructor(options: AttachDeskOptions) {
    this.#options = options
  }

  /** The process that is attached to the session. */
  attached(session: string): number | null {
    return this.#streams.get(session)?.pid ?? null
  }

  /** From here on the session is this client's. Throws BUSY naming whose it is. */
  claim(facts: AttachFacts): AttachStream {
    const {session} = facts
    const owner = this.#streams.get(session)
    if (owner) {
      throw new TransferError('BUSY', `Process ${owner.pid} is attached to the session ${session}`, {
        hint: `One at a time hears its events. To take over, end the other one: kill ${owner.pid}`
      })
    }
    const stream = new AttachStream(facts, this.#options, () => this.#streams.delete(session))
    this.#streams.set(session, stream)
    return stream
  }

  /**
   * Everything up to the token's place was delivered. Returns the last acknowledged place. Who has heard of it is detached;
   * said again, it changes nothing (B11). Throws USAGE for a token that is none.
   */
  acknowledge(session: string, token: string): number {
    const {journal} = this.#options
    const before = journal.acknowledged(session)
    journal.acknowledge(session, token)
    const now = journal.acknowledged(session)
    const stream = this.#streams.get(session)
    if (now > before || stream?.hasTold(token)) stream?.acknowledged()
    return now
  }
}
