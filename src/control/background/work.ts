import type {SessionRoll} from '../session-roll.ts'
import type {TaskRoll} from '../task-roll.ts'
import type {JournalEvent} from './background-task.ts'
import type {Submission} from './submission.ts'

/** Somebody who is attached to a session. */
export interface Follower {
  /** The journal has new events of the session. */
  readonly journalled: () => void
  /** Progress: it is told to those who are there, and not kept. */
  readonly live: (event: JournalEvent) => void
}

/**
 * What the daemon does, for the process around it and the endpoint in front of it. Its methods throw a TransferError.
 */
export interface Work {
  /** All tasks of the journal, for the endpoint's verbs. */
  readonly roll: Pick<TaskRoll, 'find' | 'list'>
  /** The sessions of the journal, by identifier. */
  readonly sessions: Pick<SessionRoll, 'named'>
  /**
   * Nothing runs, and nothing starts by itself at any time. What is held, paused or failed, not acknowledged, or rests, is
   * idle.
   */
  readonly isIdle: boolean

  /** Nothing starts, because a person has stopped the service, before somebody adds a task or lets one go on. */
  readonly isResting: boolean

  /** Takes up what the daemon before left. go: starts what may start. rest: see isResting. */
  begin(how: 'go' | 'rest'): Promise<void>
  /** Takes tasks over; they are on disk when it returns. */
  submit(submission: Submission): readonly string[]
  /** As long as somebody follows a session, its command for finished batches does not run (B14). Call the result to leave. */
  follow(session: string, follower: Follower): () => void
  /** Nothing of the session waits or runs. */
  isDrained(session: string): boolean
  /**
   * Nothing starts any more. keep: what runs is paused, and goes on with the next daemon. cancel: everything that has not
   * ended does, and keeps its resume data (B13). Resolves when all of that is on disk.
   */
  stop(unfinished: 'keep' | 'cancel'): Promise<void>
}
