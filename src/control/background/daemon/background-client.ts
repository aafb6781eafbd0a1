import type {IncomingMessage} from 'node:http'
import {TransferError} from '../../../engine/index.ts'
import type {Reply} from '../../ask.ts'
import {accepted} from '../../endpoints.ts'
import type {Request} from '../../endpoints.ts'
import type {Places} from '../../places.ts'
import {checked} from '../../request-body.ts'
import type {TaskRecord} from '../../task-record.ts'
import {askDaemon, openDaemonAnswer} from '../protocol/ask-daemon.ts'
import {linesOf} from '../protocol/attach-lines.ts'
import {backgroundFolder} from '../background-folder.ts'
import {standingOf} from '../session-standing.ts'
import type {SessionStanding} from '../session-standing.ts'
import {batchesOf} from '../protocol/submission-batches.ts'
import type {Submission} from '../submission.ts'

export interface BackgroundClientOptions {
  readonly places: Pick<Places, 'runtime' | 'state'>
  /** Starts the daemon, and resolves when it answers. Rejects with DAEMON_UNREACHABLE, REFUSED. */
  readonly start: () => Promise<unknown>
  /** Milliseconds for an answer, or its beginning. Default: 30 s. */
  readonly patience?: number
}

interface Insisted {
  readonly reply: Reply
  /** It was asked for before, and nobody knows whether it was done then. */
  readonly isRepeated: boolean
}

// What is asked for is on disk before there is an answer, and disks may be slow.
const patience = 30_000
const lookPatience = 2_000
/** It may leave, having had nothing to do, at the very moment it is asked. */
const attempts = 4

/**
 * Speaks to the daemon for the commands of background sessions; what needs one starts it. Its methods throw a TransferError:
 * what the daemon says, or DAEMON_UNREACHABLE.
 */
export class BackgroundClient {
  readonly #options: BackgroundClientOptions

  constructor(options: BackgroundClientOptions) {
    this.#options = options
  }

  /**
   * Hands tasks over; they are on disk when this resolves, with their ids (B3). Many go in several requests: where one of
   * those fails, the error says how many tasks were taken before.
   */
  async submit(submission: Submission): Promise<readonly string[]> {
    const {idsAnswer} = await import('../protocol/background-schemas.ts')
    const taken: string[] = []
    for (const batch of batchesOf(submission)) {
      const {reply} = await this.#insist({method: 'POST', path: '/background/tasks', body: batch})
      try {
        taken.push(...(await accepted(idsAnswer, reply)).ids)
      } catch (error) {
        throw taken.length === 0 ? error : partly(error, taken.length)
      }
    }
    return taken
  }

  /**
   * The lines of a session's events: those that nobody has acknowledged, in order, then what happens (R66). Ends when they
   * are acknowledged, or when the signal aborts. Throws BUSY where another process is attached, DAEMON_UNREACHABLE where
   * the daemon goes away; what was not acknowledged comes again with the next attachment.
   */
  async *attach(session: string, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const answer = await this.#follow({session, pid: process.pid}, signal)
    let last = ''
    try {
      for await (const line of linesOf(answer)) {
        last = line
        yield line
      }
    } catch (cause) {
      if (signal.aborted) return
      throw wentAway(session, cause)
    } finally {
      answer.destroy()
    }
    if (!signal.aborted && !isEnd(last)) throw wentAway(session)
  }

  /** Everything up to the token's place was delivered; twice is once (B11). Throws USAGE for a token that is none. */
  async acknowledge(session: string, token: string): Promise<void> {
    const {ackAnswer} = await import('../protocol/background-schemas.ts')
    const {reply} = await this.#insist({method: 'POST', path: '/background/ack', body: {session, token}})
    await accepted(ackAnswer, reply)
  }

  /** Lets a held task go on. Throws BUSY for one that is not held, NOT_RESUMABLE for one that has ended, TASK_UNKNOWN. */
  async release(id: string): Promise<TaskRecord> {
    const {errorAnswer, recordAnswer} = await import('../../schemas.ts')
    const {reply, isRepeated} = await this.#insist({method: 'POST', path: `/tasks/${id}/resume`, body: {}})
    if (isRepeated && reply.kind === 'answered' && reply.status === 409) {
      const {record} = await checked(errorAnswer, reply.body)
      // By the request whose answer was lost.
      if (record?.state === 'waiting' || record?.state === 'running') return record
    }
    return (await accepted(recordAnswer, reply)).record
  }

  /** The sessions that have or had tasks. Starts nothing: without a daemon its journal tells. */
  async sessions(): Promise<readonly SessionStanding[]> {
    const {places} = this.#options
    const signal = AbortSignal.timeout(lookPatience)
    const reply = await askDaemon(places, {method: 'GET', path: '/background/sessions', signal})
    if (reply.kind === 'answered') {
      const {sessionsAnswer} = await import('../protocol/background-schemas.ts')
      return (await accepted(sessionsAnswer, reply)).sessions
    }
    const {openJournalReader} = await import('../journal/read-journal.ts')
    const reader = await openJournalReader(backgroundFolder(places.state))
    try {
      return reader?.sessions().map(session => standingOf(session, {daemon: null, attached: null})) ?? []
    } finally {
      reader?.close()
    }
  }

  /** Makes sure that a daemon is there for what is to be done to its tasks. */
  async wake(): Promise<void> {
    await this.#insist({method: 'GET', path: '/background/sessions'})
  }

  // What is asked twice is done once: tasks are known by their ids, places by their tokens.
  async #insist(request: Omit<Request, 'signal'>): Promise<Insisted> {
    let isRepeated = false
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const signal = AbortSignal.timeout(this.#options.patience ?? patience)
      const reply = await askDaemon(this.#options.places, {...request, signal})
      if (reply.kind === 'answered') return {reply, isRepeated}
      if (signal.aborted) throw silent()
      isRepeated ||= reply.kind === 'lost'
      await this.#options.start()
    }
    throw silent()
  }

  async #follow(body: {session: string; pid: number}, signal: AbortSignal): Promise<IncomingMessage> {
    const {places, start} = this.#options
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(), this.#options.patience ?? patience)
      const request = {method: 'POST', path: '/background/attach', body} as const
      const answer = await openDaemonAnswer(places, {
        ...request,
        signal: AbortSignal.any([signal, late.signal])
      }).finally(() => clearTimeout(timer))
      if (answer) return answer
      signal.throwIfAborted()
      if (late.signal.aborted) throw silent()
      await start()
    }
    throw silent()
  }
}

function isEnd(line: string): boolean {
  return (JSON.parse(line || '{}') as {event?: string}).event === 'session.invalidated'
}

function silent(): TransferError {
  return new TransferError('DAEMON_UNREACHABLE', 'The background service is there and does not answer', {
    hint: 'See what it does with: ferry daemon status'
  })
}

function wentAway(session: string, cause?: unknown): TransferError {
  return new TransferError(
    'DAEMON_UNREACHABLE',
    'The background service has ended, or has let this client go',
    {
      cause,
      hint: `What was not acknowledged comes again: ferry sessions attach ${session}`
    }
  )
}

function partly(error: unknown, taken: number): unknown {
  if (!(error instanceof TransferError)) return error
  return new TransferError(error.code, `${error.message} (${taken} tasks before were taken over)`, {
    cause: error,
    hint: 'ferry tasks lists those that were taken.'
  })
}
