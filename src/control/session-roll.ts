import {TransferError} from '../engine/index.ts'

/** What this room asks of a session; the engine's sessions have it. */
export interface ControllableSession {
  readonly environment: {readonly name?: string}
  readonly configuration: {readonly kind: string}
  /** Those that have not ended. */
  readonly tasks: readonly unknown[]
  flush(): Promise<void>
  reset(): Promise<void>
  finishTasksAndInvalidate(unstarted: 'cancel' | 'keep'): Promise<void>
  invalidateAndCancel(): Promise<void>
}

/** The sessions of this process that have had a task and are not invalid yet. */
export class SessionRoll {
  readonly #sessions = new Set<ControllableSession>()

  add(session: ControllableSession): void {
    this.#sessions.add(session)
  }

  remove(session: ControllableSession): void {
    this.#sessions.delete(session)
  }

  /** Several runs in one process may use one name. */
  named(name: string): readonly ControllableSession[] {
    return [...this.#sessions].filter(
      ({environment, configuration}) => (environment.name ?? configuration.kind) === name
    )
  }
}

/** Throws BUSY for the sessions that are always there: invalidating them has no effect (R3). */
export function assertInvalidable(name: string): void {
  if (name !== 'shared' && name !== 'ephemeral') return
  throw new TransferError('BUSY', `The session ${name} is built in and always in use: it stays valid`, {
    hint: 'To stop what runs in it: ferry pause --session NAME, or ferry cancel with the ids of ferry tasks.'
  })
}
