import type {Session} from '../../../engine/index.ts'
import type {ControllableSession} from '../../session-roll.ts'
import type {TaskStanding} from '../background-task.ts'
import {eventOf} from './dispatcher-records.ts'
import type {Journal} from '../journal.ts'

export interface BackgroundSessionsOptions {
  readonly journal: Journal
  /** The engine's sessions of an identifier, as many as there are now. */
  readonly engine: (identifier: string) => readonly Session[]
  readonly cancel: (id: string) => Promise<void>
  readonly report: (error: unknown) => void
  /** The journal has something new of a session. */
  readonly announce: (identifier: string) => void
}

/** The sessions of the journal, as the endpoint's verbs want them. */
export class BackgroundSessions {
  readonly #options: BackgroundSessionsOptions
  readonly #invalidating = new Map<string, PromiseWithResolvers<void>>()

  constructor(options: BackgroundSessionsOptions) {
    this.#options = options
  }

  named(identifier: string): readonly ControllableSession[] {
    const isKnown = this.#options.journal.sessions().some(session => session.identifier === identifier)
    return isKnown ? [this.#session(identifier)] : []
  }

  /** Ends the invalidation of a session that has nothing left to do (B12). */
  drained(identifier: string): void {
    const {journal, announce} = this.#options
    if (!journal.isInvalidating(identifier)) return
    const unfinished = {which: 'unfinished', session: identifier, page: {after: -1, limit: 1}} as const
    if (journal.standings(unfinished).length > 0) return
    journal.endInvalidation(identifier, [eventOf('session.invalidated', null, {error: null})])
    announce(identifier)
    this.#invalidating.get(identifier)?.resolve()
    this.#invalidating.delete(identifier)
  }

  #session(identifier: string): ControllableSession {
    const engine = (): readonly Session[] => this.#options.engine(identifier)
    return {
      environment: {name: identifier},
      configuration: {kind: 'background'},
      tasks: this.#unfinished(identifier),
      flush: async () => void (await Promise.all(engine().map(session => session.flush()))),
      reset: async () => void (await Promise.all(engine().map(session => session.reset()))),
      // What nobody would start any more would keep the session for ever.
      finishTasksAndInvalidate: unstarted =>
        this.#invalidate(identifier, row => unstarted === 'cancel' && row.state === 'held'),
      invalidateAndCancel: () => this.#invalidate(identifier, () => true)
    }
  }

  async #invalidate(identifier: string, isCancelled: (row: TaskStanding) => boolean): Promise<void> {
    const {journal, cancel, report} = this.#options
    journal.invalidate(identifier)
    const end = this.#invalidating.get(identifier) ?? Promise.withResolvers<void>()
    this.#invalidating.set(identifier, end)
    const cancelled = this.#unfinished(identifier).filter(isCancelled)
    await Promise.all(cancelled.map(row => cancel(row.id).catch(report)))
    this.drained(identifier)
    await end.promise
  }

  #unfinished(session: string): readonly TaskStanding[] {
    return this.#options.journal.standings({which: 'unfinished', session})
  }
}
