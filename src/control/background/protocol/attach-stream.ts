import type {ServerResponse} from 'node:http'
import type {JournalEvent, NumberedEvent} from '../background-task.ts'
import type {Journal} from '../journal.ts'
import type {Work} from '../work.ts'

/** What a stream of events is made of. */
export interface AttachParts {
  readonly journal: Pick<Journal, 'events' | 'acknowledged' | 'token'>
  readonly work: Pick<Work, 'follow' | 'isDrained'>
  /** Told why a stream has ended early. */
  readonly report: (error: unknown) => void
}

export interface AttachFacts {
  readonly session: string
  /** The client's process. */
  readonly pid: number
}

// As many as are in memory for a client that reads slowly.
const pageSize = 64

/**
 * The events of a session for one client, one line of JSON each (R66): what was not acknowledged, in order, then what
 * happens. All but progress is read from the journal, so that whoever reads slowly costs no memory and misses nothing.
 */
export class AttachStream {
  readonly #facts: AttachFacts
  readonly #parts: AttachParts
  readonly #left: () => void
  #response: ServerResponse | undefined
  #unfollow = (): void => {}
  /** The seq of the last event that was written. */
  #place: number
  /** The place at which the client was told that there is nothing more, and what it was given for it. */
  #finished: {readonly place: number; readonly token: string} | undefined
  #state: 'claimed' | 'open' | 'ended' = 'claimed'

  /** Left is called once when the client has gone. */
  constructor(facts: AttachFacts, parts: AttachParts, left: () => void) {
    this.#facts = facts
    this.#parts = parts
    this.#left = left
    this.#place = parts.journal.acknowledged(facts.session)
  }

  get pid(): number {
    return this.#facts.pid
  }

  /** Begins to write. */
  open(response: ServerResponse): void {
    if (response.destroyed) return this.#leave()
    if (this.#state === 'ended') return void response.end()
    this.#state = 'open'
    this.#response = response
    response.writeHead(200, {'content-type': 'application/x-ndjson', connection: 'close'})
    response.flushHeaders()
    response.on('drain', () => this.#pump()).once('close', () => this.#leave())
    this.#unfollow = this.#parts.work.follow(this.#facts.session, {
      journalled: () => this.#journalled(),
      live: event => this.#live(event)
    })
    this.#pump()
  }

  /** Was this the last token that the client was given? */
  hasTold(token: string): boolean {
    return this.#finished?.token === token
  }

  /** The client has what it was told; for it the session ends here, and it may attach again (R69, R70). */
  acknowledged(): void {
    this.#write([this.#local('session.invalidated', {error: null})])
    this.end()
  }

  /** Ends the stream; what was not acknowledged comes again. */
  end(): void {
    this.#response?.end()
    this.#leave()
  }

  // A task leaves the dispatcher a moment after its end is in the journal: whether it was the last one shows then.
  #journalled(): void {
    this.#pump()
    setImmediate(() => this.#pump())
  }

  // Who is behind gets the next one.
  #live(event: JournalEvent): void {
    if (this.#mayWrite) this.#write([{...event, seq: this.#place}])
  }

  get #mayWrite(): boolean {
    return this.#state === 'open' && this.#response?.writableNeedDrain === false
  }

  #pump(): void {
    const {journal, report} = this.#parts
    try {
      while (this.#mayWrite) {
        const page = journal.events(this.#facts.session, {after: this.#place, limit: pageSize})
        const last = page.at(-1)
        if (!last) return this.#finish()
        this.#place = last.seq
        this.#write(page)
      }
    } catch (error) {
      report(error)
      this.#response?.destroy()
    }
  }

  /** Once for each place: until something new has happened, there is nothing new to say. */
  #finish(): void {
    const {session} = this.#facts
    if (this.#finished?.place === this.#place || !this.#parts.work.isDrained(session)) return
    const token = this.#parts.journal.token(session, this.#place)
    this.#finished = {place: this.#place, token}
    this.#write([this.#local('session.eventsFinished', {token})])
  }

  /** An event of this stream alone: it has the number of the last one that has a number. */
  #local(event: string, facts: JournalEvent['facts']): NumberedEvent {
    return {event, task: null, time: new Date().toISOString(), facts, seq: this.#place}
  }

  #write(events: readonly NumberedEvent[]): void {
    if (this.#state !== 'open') return
    this.#response?.write(events.map(event => lineOf(this.#facts.session, event)).join(''))
  }

  #leave(): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#unfollow()
    this.#left()
  }
}

function lineOf(session: string, {seq, time, event, task, facts}: NumberedEvent): string {
  return `${JSON.stringify({v: 1, seq, time, event, session, task, ...facts})}\n`
}
