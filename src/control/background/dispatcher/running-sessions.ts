import {Session} from '../../../engine/index.ts'

/** A session of the engine: one for each identifier and configuration that tasks run in now. */
interface Entry {
  readonly identifier: string
  readonly session: Session
  users: number
}

/** Makes sessions of the engine when they are needed and ends them when they are not. */
export class RunningSessions {
  readonly #make: (identifier: string, snapshot: string) => Session
  readonly #entries = new Map<string, Entry>()
  readonly #closing = new Set<Promise<void>>()

  constructor(make: (identifier: string, snapshot: string) => Session) {
    this.#make = make
  }

  /** Throws CONFIGURATION_REFUSED. Whoever takes one gives it back with release(). */
  take(identifier: string, snapshot: string): Session {
    const key = JSON.stringify([identifier, snapshot])
    const entry = this.#entries.get(key) ?? {identifier, session: this.#make(identifier, snapshot), users: 0}
    this.#entries.set(key, entry)
    entry.users += 1
    return entry.session
  }

  release(session: Session): void {
    for (const entry of this.#entries.values()) if (entry.session === session) entry.users -= 1
  }

  named(identifier: string): readonly Session[] {
    return [...this.#entries.values()].filter(entry => entry.identifier === identifier).map(e => e.session)
  }

  /** Ends those that nobody uses: to be called when what could be started is started, so that connections are used on. */
  sweep(): void {
    for (const [key, {users, session}] of this.#entries) {
      if (users > 0) continue
      this.#entries.delete(key)
      const closing = session.invalidateAndCancel().finally(() => this.#closing.delete(closing))
      this.#closing.add(closing)
    }
  }

  /** Resolves when all that was ended has ended. */
  async closed(): Promise<void> {
    this.sweep()
    await Promise.all(this.#closing)
  }
}
