import type {JournalEvent, TaskChange} from '../background-task.ts'
import type {Journal, TaskUpdate} from '../journal.ts'
import type {Follower} from '../work.ts'

// What is told together costs one write.
const patience = 50
// Milliseconds until a disk is asked again that refused.
const nextTry = 2000

export interface TellingOptions {
  readonly journal: Pick<Journal, 'append' | 'change' | 'changeAll'>
  /** Told when the journal refuses events; they are tried again with the next ones. */
  readonly report: (error: unknown) => void
}

/** The events of all sessions on their way into the journal, and to those who follow. */
export class Telling {
  readonly #options: TellingOptions
  readonly #pending = new Map<string, JournalEvent[]>()
  readonly #followers = new Map<string, Set<Follower>>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: TellingOptions) {
    this.#options = options
  }

  /** Tells soon; in order. */
  tell(session: string, event: JournalEvent): void {
    const pending = this.#pending.get(session)
    if (pending) pending.push(event)
    else this.#pending.set(session, [event])
    this.#timer ??= setTimeout(() => this.flush(), patience)
  }

  /** Tells only those who are there, after all that was to be told before; while the disk refuses that, nobody. */
  live(session: string, event: JournalEvent): void {
    const followers = this.#followers.get(session)
    if (!followers) return
    if (this.#pending.has(session)) this.flush()
    if (this.#pending.has(session)) return
    for (const {live} of followers) live(event)
  }

  /**
   * Changes a task and tells of that, after all that was to be told before, in one step. Throws a TransferError where the
   * disk refuses, and then nothing is changed; false for a task that has ended.
   */
  change(task: {id: string; session: string}, change: TaskChange, events: readonly JournalEvent[]): boolean {
    const before = this.#pending.get(task.session) ?? []
    const isChanged = this.#options.journal.change(task.id, change, [...before, ...events])
    if (!isChanged) return false
    this.#pending.delete(task.session)
    if (before.length + events.length > 0) this.announce(task.session)
    return true
  }

  /** As change(), of many tasks that do not run. */
  changeAll(updates: readonly (TaskUpdate & {readonly session: string})[]): readonly boolean[] {
    this.flush()
    const changed = this.#options.journal.changeAll(updates)
    for (const session of new Set(updates.map(update => update.session))) this.announce(session)
    return changed
  }

  /** Tells now what waits to be told. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const [session, events] of this.#pending) {
      try {
        this.#options.journal.append(session, events)
        this.#pending.delete(session)
        this.announce(session)
      } catch (error) {
        this.#options.report(error)
        this.#timer ??= setTimeout(() => this.flush(), nextTry)
      }
    }
  }

  /** The journal has something new of the session. */
  announce(session: string): void {
    for (const {journalled} of this.#followers.get(session) ?? []) journalled()
  }

  follow(session: string, follower: Follower): () => void {
    const followers = this.#followers.get(session) ?? new Set()
    followers.add(follower)
    this.#followers.set(session, followers)
    return () => {
      followers.delete(follower)
      if (followers.size === 0) this.#followers.delete(session)
    }
  }

  isFollowed(session: string): boolean {
    return this.#followers.has(session)
  }
}
