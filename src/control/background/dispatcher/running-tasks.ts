import {folderOf} from './dispatcher-starter.ts'
import {TransferError} from '../../../engine/index.ts'
import type {PlacedFile, Session, Task, TaskOutcome, UploadTask} from '../../../engine/index.ts'
import type {TaskRecord} from '../../task-record.ts'
import type {BackgroundTask, JournalEvent, TaskChange} from '../background-task.ts'
import type {Telling} from './dispatcher-events.ts'
import type {Hours} from './dispatcher-hours.ts'
import {eventOf} from './dispatcher-records.ts'
import type {BackgroundRecords} from './dispatcher-records.ts'
import type {RunningSessions} from './running-sessions.ts'
import {makeTask, resumeDataOf} from './running-start.ts'
import {RunningTask} from './running-task.ts'
import {forced, verdictOf} from './running-verdict.ts'
import type {Verdict} from './running-verdict.ts'
import {mayBeSentAgain} from './sent-once.ts'
import type {SentOnce} from './sent-once.ts'
import type {SpaceWatch} from './space-watch.ts'

export interface RunningOptions {
  readonly telling: Telling
  readonly records: BackgroundRecords
  readonly sessions: RunningSessions
  readonly space: SpaceWatch
  readonly sentOnce: SentOnce
  /** Removes what a task has left that was ended for good. */
  readonly discard: (row: BackgroundTask) => Promise<void>
  readonly report: (error: unknown) => void
  /** A task runs no more, and the journal knows what it is now. */
  readonly left: (task: RunningTask, change: TaskChange) => void
  /** Its session may be used by nobody now. */
  readonly released: () => void
}

/** What came of one start. */
interface Conclusion {
  readonly outcome: TaskOutcome
  readonly record: TaskRecord
  readonly events: readonly JournalEvent[]
}

// Until then a disk that refuses the journal may have taken others' bytes away.
const nextTry = 2000

type Ended = Extract<Verdict, {kind: 'ended'}>
type SetAside = Extract<Verdict, {kind: 'setAside'}>

/** The tasks that run, from their start to what the journal is told of their end. */
export class RunningTasks {
  readonly #options: RunningOptions
  readonly #tasks = new Map<string, RunningTask>()

  constructor(options: RunningOptions) {
    this.#options = options
  }

  get(id: string): RunningTask | undefined {
    return this.#tasks.get(id)
  }

  get all(): readonly RunningTask[] {
    return [...this.#tasks.values()]
  }

  of(session: string): readonly RunningTask[] {
    return this.all.filter(task => task.session === session)
  }

  /** Throws a TransferError where the journal cannot be written; then the task waits on. */
  start(row: BackgroundTask, hours: Hours | undefined): void {
    const spent = row.spent + this.#options.space.waited(row.submitted.id)
    const running = new RunningTask({...row, spent}, hours)
    this.#options.telling.change(
      running,
      {state: 'running', attempts: running.attempt, spent, sent: false},
      []
    )
    this.#tasks.set(running.id, running)
    void this.#run(running)
  }

  /** Writes down how far the tasks are, as often as is worth it. */
  note(): void {
    for (const running of this.#tasks.values()) {
      const change = {spent: running.spent, record: this.#options.records.running(running)}
      this.#attempt(() => this.#options.telling.change(running, change, []))
    }
  }

  /** The resume data of a task was written for the first time, or removed. */
  noteResumeData(id: string, path: string | undefined): void {
    const running = this.#tasks.get(id)
    if (!running) return
    running.resumeData = path ?? null
    // What is no longer there is noticed without the journal, and the end that follows is written down anyway.
    if (path === undefined) return
    const change = {resumeData: running.resumeData, record: this.#options.records.running(running)}
    this.#attempt(() => this.#options.telling.change(running, change, []))
  }

  /** The request of an upload is about to leave. Throws a TransferError where the journal cannot be written. */
  noteSent(task: UploadTask): void {
    const running = this.#tasks.get(task.id)
    if (!running || running.sent || mayBeSentAgain(task)) return
    this.#options.telling.change(running, {sent: true}, [])
    running.sent = true
  }

  /** A whole file is about to get its name. Throws a TransferError where the journal cannot be written. */
  notePlacing(id: string, placing: PlacedFile): void {
    const running = this.#tasks.get(id)
    if (!running) return
    const change = {placing, record: this.#options.records.running(running)}
    this.#options.telling.change(running, change, [])
  }

  /** The engine's task has ended, and its last events are here. */
  ended(running: RunningTask, task: Task): void {
    const {result: outcome} = task
    if (!outcome) return
    const record = this.#options.records.running(running)
    // One that did not come to begin has changed nothing, nor has one that failed and left where it was what it found.
    const isUntouched = task.started === undefined || (outcome.state === 'failed' && !outcome.resumeData)
    const resumeData = isUntouched ? resumeDataOf(running.row) : undefined
    const kept = resumeData === undefined ? outcome : {...outcome, resumeData}
    this.#conclude(running, {outcome: kept, record, events: running.lastEvents})
  }

  async #run(running: RunningTask): Promise<void> {
    let session: Session | undefined
    try {
      session = this.#options.sessions.take(running.session, running.row.snapshot)
      running.begin(await makeTask(session, running.row))
    } catch (error) {
      this.#failUnstarted(running, asTransferError(error))
    }
    await running.concluded
    if (session) this.#options.sessions.release(session)
    this.#options.released()
  }

  #failUnstarted(running: RunningTask, error: TransferError): void {
    const {records} = this.#options
    const resumeData = resumeDataOf(running.row)
    const outcome = {state: 'failed', error, ...(resumeData === undefined ? {} : {resumeData})} as const
    const record = {...records.running(running), error: records.error(error)}
    this.#conclude(running, {outcome, record, events: [records.completed(running.id, outcome)]})
  }

  #conclude(running: RunningTask, conclusion: Conclusion): void {
    const verdict = verdictOf(running.intent, conclusion.outcome)
    if (verdict.kind === 'ended') void this.#end(running, {verdict, ...conclusion})
    else this.#setAside(running, {verdict, ...conclusion})
  }

  async #end(running: RunningTask, ending: Conclusion & {verdict: Ended}): Promise<void> {
    const {records, discard, report} = this.#options
    if (ending.verdict.remains === 'discarded') {
      const {resumeData = null} = ending.outcome
      const isLeft = resumeData !== null || running.task?.started === undefined
      if (isLeft) await discard({...running.row, resumeData}).catch(report)
    }
    const isGivenUp = running.intent === 'giveUp' && ['paused', 'cancelled'].includes(ending.outcome.state)
    const outcome = isGivenUp ? await this.#options.sentOnce.end(running.row) : outcomeOf(ending)
    const {state} = outcome
    const record = records.ended(ending.record, outcome)
    const change: TaskChange = {
      state,
      record,
      ended: Date.now(),
      exitCode: records.exitCode(outcome),
      resumeData: record.resumeData
    }
    const reason = running.intent === 'end' ? {reason: forced} : {}
    const facts = {state, error: record.error, resumeData: record.resumeData, ...reason}
    this.#settle(running, {change, events: ending.events.map(event => completedAs(event, facts))})
  }

  #setAside(running: RunningTask, {verdict, outcome, record}: Conclusion & {verdict: SetAside}): void {
    const {space, records} = this.#options
    const {state} = verdict
    const resumeData = outcome.resumeData ?? null
    const change: TaskChange = {state, resumeData, record: {...records.setAside(record, verdict), resumeData}}
    const isNews = verdict.waitsFor === 'space' && !space.has(running.id)
    if (verdict.waitsFor === 'space') {
      const announced = outcome.response?.expectedContentLength
      const missing = record.total === null ? announced : record.total - record.bytes
      const total = (running.hours?.timeouts.total ?? Infinity) * 1000
      const folder = folderOf({...running.row, resumeData})
      space.add({id: running.id, folder, missing, left: total - running.spent})
    }
    const waiting = eventOf('task.waiting', running.id, {reason: 'retry', delayMs: space.interval})
    this.#settle(running, {change, events: isNews ? [waiting] : []})
  }

  // What the disk refuses to keep is tried again: until the journal has it, the task has not ended.
  #settle(
    running: RunningTask,
    {change, events}: {change: TaskChange; events: readonly JournalEvent[]}
  ): void {
    const {telling, report, left} = this.#options
    try {
      telling.change(running, {...change, placing: null, spent: running.spent}, events)
    } catch (error) {
      report(error)
      setTimeout(() => this.#settle(running, {change, events}), nextTry)
      return
    }
    this.#tasks.delete(running.id)
    running.conclude()
    left(running, change)
  }

  #attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#options.report(error)
    }
  }
}

function outcomeOf({outcome, verdict}: Conclusion & {verdict: Ended}): TaskOutcome {
  const {state, remains} = verdict
  const {error, resumeData, ...others} = outcome
  const isKept = remains === 'kept' && resumeData !== undefined
  const why = state === 'cancelled' ? (outcome.state === state ? error : cancelled()) : error
  return {
    ...others,
    state,
    ...(why && state !== 'paused' ? {error: why} : {}),
    ...(isKept ? {resumeData} : {})
  }
}

function cancelled(): TransferError {
  return new TransferError('CANCELLED', 'The task was cancelled')
}

function completedAs(event: JournalEvent, facts: JournalEvent['facts']): JournalEvent {
  if (event.event !== 'task.completed') return event
  return {...event, facts: {...event.facts, ...facts}}
}

function asTransferError(error: unknown): TransferError {
  if (error instanceof TransferError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new TransferError('RECEIVE_FAILED', message, {cause: error})
}
