import {TransferError} from '../engine/index.ts'
import {accepted} from './endpoints.ts'
import type {Endpoints} from './endpoints.ts'
import {assertInvalidable} from './session-roll.ts'

/** What became of a session in the running processes. */
export interface SessionAnswers {
  /** Those that have the session, with how many tasks of it they had. */
  readonly processes: readonly {readonly pid: number; readonly tasks: number}[]
  /** Processes that are there and did not answer; nobody knows what they have. */
  readonly silent: readonly number[]
  /** Processes that have it and could not do it, or did not understand. */
  readonly failures: readonly {readonly pid: number; readonly error: TransferError}[]
}

// Stores are flushed to disk, and disks may be slow.
const patience = 30_000

/** Acts on one session in all processes that have it. Ephemeral sessions cannot be reached from outside. */
export class SessionClient {
  readonly #endpoints: Endpoints

  constructor(endpoints: Endpoints) {
    this.#endpoints = endpoints
  }

  /** What it remembers is written to disk; its next requests make connections of their own (R61). */
  flush(session: string): Promise<SessionAnswers> {
    return this.#tell('flush', {session})
  }

  /** What it remembers is forgotten; then as flush. Downloads go on (R62). */
  reset(session: string): Promise<SessionAnswers> {
    return this.#tell('reset', {session})
  }

  /**
   * The processes take no new tasks in it. finish: what they have goes on, and nobody waits for it (R59). cancel: it has
   * been cancelled when this resolves (R60). Throws BUSY for the sessions that are built in.
   */
  async invalidate(session: string, existing: 'finish' | 'cancel'): Promise<SessionAnswers> {
    assertInvalidable(session)
    return this.#tell('invalidate', {session, cancel: existing === 'cancel'})
  }

  async #tell(verb: string, body: object): Promise<SessionAnswers> {
    const request = {method: 'POST', path: `/sessions/${verb}`, body} as const
    const answers = await this.#endpoints.askAll({...request, signal: AbortSignal.timeout(patience)})
    const {sessionAnswer} = await import('./schemas.ts')
    const processes: {pid: number; tasks: number}[] = []
    const silent: number[] = []
    const failures: {pid: number; error: TransferError}[] = []
    for (const {address, reply} of answers) {
      const {pid} = address
      if (reply.kind !== 'answered') {
        silent.push(pid)
        continue
      }
      const answer = await accepted(sessionAnswer, reply).catch((error: unknown) => asFailure(error))
      if (answer instanceof TransferError) failures.push({pid, error: answer})
      else if (answer.sessions > 0) processes.push({pid, tasks: answer.tasks})
    }
    return {processes, silent, failures}
  }
}

function asFailure(error: unknown): TransferError {
  if (error instanceof TransferError) return error
  throw error
}
