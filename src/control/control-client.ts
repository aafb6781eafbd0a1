import {setTimeout as sleep} from 'node:timers/promises'
import type {InferOutput} from 'valibot'
import {TransferError} from '../engine/index.ts'
import {
  asTransferError,
  departure,
  elsewhere,
  neverStarted,
  silence,
  whyNotHandedOver,
  whyNotPaused
} from './control-failure.ts'
import type {EndpointAddress} from './endpoint-address.ts'
import {accepted} from './endpoints.ts'
import {OncePerTurn} from './once-per-turn.ts'
import {checked} from './request-body.ts'
import {matchTask, taskUnknown} from './task-id.ts'
import type {pausedAnswer} from './schemas.ts'
import type {EndedTask, ListedTask, TaskRecord} from './task-record.ts'
import {endOf, survey} from './task-survey.ts'
import type {Found, SurveyPlaces} from './task-survey.ts'
import {TaskWaits} from './task-waits.ts'

export interface ControlClientOptions extends SurveyPlaces {
  /** Sees to it that the daemon runs, for what is to be done to a task of its journal. */
  readonly wakeDaemon?: () => Promise<void>
  /** As wakeDaemon, but only where its tasks are meant to go on: not after somebody has stopped it. */
  readonly reviveDaemon?: () => Promise<void>
  /** Removes resume data and its partial file; the engine's. */
  readonly discardResumeData: (path: string) => Promise<void>
}

/** The tasks of this user, in whatever process. */
export interface TaskListing {
  /** Running ones first, then what can be resumed, oldest first. */
  readonly tasks: readonly ListedTask[]
  /** Where only some were asked for: what has failed in the background within a day, and leaves nothing to resume. */
  readonly failed: readonly ListedTask[]
  /** Files of the index that could not be understood. */
  readonly unreadable: readonly string[]
  /** Processes that are there and do not answer (stopped, or with too many clients). */
  readonly silent: readonly number[]
}

/** What became of one task of several. */
export type PauseResult =
  {readonly id: string; readonly record: TaskRecord} | {readonly id: string; readonly error: TransferError}

type Paused = InferOutput<typeof pausedAnswer>['tasks'][number]

// Pausing flushes to disk, and disks may be slow.
const actPatience = 30_000
const retryInterval = 200
const longestInterval = 2_000

/** Sees and stops the transfers of other processes, and awaits their end. Ids may be shortened while they are unique. */
export class ControlClient {
  readonly #options: ControlClientOptions
  readonly #looks: OncePerTurn<ReadonlyMap<string, Found>>
  readonly #wakings: OncePerTurn<void>
  readonly #revivals: OncePerTurn<void>
  readonly #waits: TaskWaits

  constructor(options: ControlClientOptions) {
    this.#options = options
    this.#looks = new OncePerTurn(async () => byId((await survey('all', options)).found))
    this.#wakings = new OncePerTurn(async () => options.wakeDaemon?.())
    this.#revivals = new OncePerTurn(async () => options.reviveDaemon?.())
    this.#waits = new TaskWaits(options.endpoints)
  }

  /** resumable: what runs or can be resumed. all: the newest ended tasks too. */
  async tasks(which: 'resumable' | 'all' = 'resumable'): Promise<TaskListing> {
    const {found, unreadable, silent} = await survey(which, this.#options)
    const known = found.map(({listed}) => listed)
    const isOver = ({state, actions}: ListedTask): boolean => state === 'failed' && actions.length === 0
    if (which === 'all') return {tasks: known, failed: [], unreadable, silent}
    return {tasks: known.filter(task => !isOver(task)), failed: known.filter(isOver), unreadable, silent}
  }

  /**
   * Pauses the task; cancel: ends it where it cannot be paused; hold: stops it without an end, and the same task goes on
   * later (T12), which only those of background sessions can. Throws NOT_RESUMABLE (and the task goes on, or had ended
   * before), TASK_UNKNOWN, BUSY when its process does not answer or ends, DAEMON_UNREACHABLE when that
   * is the daemon which ends.
   */
  async pause(
    idOrPrefix: string,
    how: 'continue' | 'cancel' | 'hold' | 'holdOrCancel' = 'continue'
  ): Promise<TaskRecord> {
    const {address, listed, keeper} = await this.#findToChange(idOrPrefix)
    if (!address || hasEnded(listed)) throw whyNotPaused(listed)
    const request = {method: 'POST', path: `/tasks/${listed.id}/pause`} as const
    const [discard, hold] = [
      how === 'cancel' || how === 'holdOrCancel',
      how === 'hold' || how === 'holdOrCancel'
    ]
    const body = hold ? {discard, hold} : {discard}
    const signal = AbortSignal.timeout(actPatience)
    const reply = await this.#options.endpoints.ask(address, {...request, body, signal})
    if (reply.kind !== 'answered') {
      const {pid} = address
      return this.#pausedAfterAll(listed.id, signal.aborted ? silence(pid) : departure(pid, keeper))
    }
    const {errorAnswer, recordAnswer} = await import('./schemas.ts')
    if (reply.status === 200) return (await checked(recordAnswer, reply.body)).record
    const {error, record} = await checked(errorAnswer, reply.body)
    // It ran a moment ago: another pause was quicker, to the same end.
    if (record?.state === 'paused' && listed.actions.includes('pause')) return record
    throw asTransferError(error)
  }

  /** Pauses what runs, in one session or in all; also says which processes did not answer. */
  async pauseAll(session?: string): Promise<{tasks: PauseResult[]; silent: number[]}> {
    const body = session === undefined ? {all: true} : {session}
    const signal = AbortSignal.timeout(actPatience)
    const answers = await this.#options.endpoints.askAll({method: 'POST', path: '/pause', body, signal})
    const {pausedAnswer} = await import('./schemas.ts')
    const tasks: PauseResult[] = []
    const silent: number[] = []
    for (const {address, reply} of answers) {
      const answer = await accepted(pausedAnswer, reply).catch(() => undefined)
      if (answer) tasks.push(...answer.tasks.map(pauseResult))
      else silent.push(address.pid)
    }
    return {tasks, silent}
  }

  /**
   * Has the background service go on with a task that a command runs; its process ends it as paused. Resolves to the id of
   * the one that goes on. Throws NOT_RESUMABLE (and the task goes on where it is), TASK_UNKNOWN, BUSY when its process does
   * not answer, DAEMON_UNREACHABLE.
   */
  async handOver(idOrPrefix: string): Promise<string> {
    const {address, listed, keeper} = await this.#find(idOrPrefix)
    if (keeper === 'daemon' || !address) throw whyNotHandedOver(listed, keeper)
    const signal = AbortSignal.timeout(actPatience)
    const path = `/tasks/${listed.id}/hand-over`
    const reply = await this.#options.endpoints.ask(address, {method: 'POST', path, body: {}, signal})
    if (reply.kind !== 'answered') throw silence(address.pid)
    const {handOverAnswer} = await import('./schemas.ts')
    return (await accepted(handOverAnswer, reply)).id
  }

  /**
   * Ends the task for good, running or not; of an ended one nothing changes. Throws TASK_UNKNOWN; BUSY when its process
   * does not answer, ends, or is on another machine; DAEMON_UNREACHABLE when the daemon ends.
   */
  async cancel(idOrPrefix: string): Promise<TaskRecord> {
    const {address, listed, keeper} = await this.#findToChange(idOrPrefix)
    const record = address ? await this.#cancelAt(address, {id: listed.id, keeper}) : listed
    if (record.resumeData === null) return record
    const now = await this.#options.index.find(record.id)
    if (!now || now.listed.resumeData === null) return record
    if (now.exitCode === null && now.listed.state !== 'suspended')
      throw now.listed.pid ? silence(now.listed.pid) : elsewhere(record.id)
    return (await this.#options.index.cancel(record.id, this.#options.discardResumeData)).record
  }

  /** The task of that id or unique beginning, and whose it is. Throws TASK_UNKNOWN, USAGE when several begin so. */
  async find(idOrPrefix: string): Promise<Pick<Found, 'listed' | 'keeper'>> {
    const {listed, keeper} = await this.#find(idOrPrefix)
    return {listed, keeper}
  }

  /**
   * Resolves when the task has ended, at once if it has. Throws TASK_UNKNOWN, also when its process went away without leaving word.
   */
  async wait(idOrPrefix: string): Promise<EndedTask> {
    let found = await this.#find(idOrPrefix)
    const {id, state} = found.listed
    if (state === 'suspended' && found.keeper === 'command' && !found.address) throw neverStarted(id)
    for (let attempt = 1; ; attempt++) {
      const ended = found.address ? await this.#waits.end(found.address, id) : endOf(found)
      if (ended) return ended
      if (found.keeper === 'daemon' && !found.address) await this.#revivals.done()
      await sleep(Math.min(retryInterval * attempt, longestInterval))
      found = await this.#find(id)
    }
  }

  async #cancelAt(
    address: EndpointAddress,
    {id, keeper}: {readonly id: string; readonly keeper: Found['keeper']}
  ): Promise<TaskRecord> {
    const signal = AbortSignal.timeout(actPatience)
    const reply = await this.#options.endpoints.ask(address, {
      method: 'POST',
      path: `/tasks/${id}/cancel`,
      body: {},
      signal
    })
    if (reply.kind !== 'answered')
      throw signal.aborted ? silence(address.pid) : departure(address.pid, keeper)
    const {recordAnswer} = await import('./schemas.ts')
    return (await accepted(recordAnswer, reply)).record
  }

  // The process may have ended in the middle of the answer; the index tells what it did before.
  async #pausedAfterAll(id: string, failure: TransferError): Promise<TaskRecord> {
    const indexed = await this.#options.index.find(id)
    if (indexed?.listed.state === 'paused') return indexed.listed
    throw indexed && indexed.exitCode !== null ? whyNotPaused(indexed.listed) : failure
  }

  // Only the daemon changes what is in its journal.
  async #findToChange(idOrPrefix: string): Promise<Found> {
    const found = await this.#find(idOrPrefix)
    const {listed, keeper, address, exitCode} = found
    const isSettled = exitCode !== null && listed.resumeData === null
    if (keeper === 'command' || address || isSettled) return found
    await this.#wakings.done()
    return this.#find(listed.id)
  }

  async #find(idOrPrefix: string): Promise<Found> {
    const found = matchTask(idOrPrefix, await this.#looks.done())
    if (!found) throw taskUnknown(idOrPrefix)
    return found
  }
}

// Who was asked first knows best.
function byId(found: readonly Found[]): ReadonlyMap<string, Found> {
  return new Map(found.toReversed().map(each => [each.listed.id, each]))
}

function hasEnded({state}: ListedTask): boolean {
  return state !== 'running' && state !== 'waiting' && state !== 'suspended'
}

function pauseResult({id, record, error}: Paused): PauseResult {
  if (record && !error) return {id, record}
  return {id, error: asTransferError(error ?? {code: 'TASK_UNKNOWN', message: `Task ${id} has gone`})}
}
