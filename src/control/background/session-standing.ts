import type {JournalledSession, TaskCounts} from './journal.ts'

/**
 * How a background session stands: what of it lives in the daemon, and who has it now. The two are not the same thing, and
 * each can be there without the other (R72).
 */
export interface SessionStanding {
  readonly identifier: string
  /** invalidating: takes no new tasks until those it has are done (B12). */
  readonly state: JournalledSession['state']
  /** Events that nobody has acknowledged. */
  readonly undelivered: number
  /** The process that its tasks are in; null while none runs. */
  readonly daemon: {readonly pid: number | null; readonly tasks: TaskCounts}
  /** The process that hears its events; null: nobody does. */
  readonly client: {readonly attached: number | null}
}

/** How a session of the journal stands, with the processes that are there. */
export function standingOf(
  {identifier, state, undelivered, tasks}: JournalledSession,
  processes: {readonly daemon: number | null; readonly attached: number | null}
): SessionStanding {
  const {daemon, attached} = processes
  return {identifier, state, undelivered, daemon: {pid: daemon, tasks}, client: {attached}}
}
