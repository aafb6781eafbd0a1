import {exitCodes, batchExitCode, outcomeExitCode, signalExitCodes} from '../../cli/exit-codes.ts'
import type {OutputOptions} from '../../cli/output-options.ts'
import type {SessionChoice} from '../../cli/session-choice.ts'
import {watchSignals} from '../../cli/signals.ts'
import type {StandardOutput} from '../../cli/standard-output.ts'
import type {TransferFlags} from '../../cli/transfer-flags.ts'
import {DataTask, Session, Task, TransferError} from '../../engine/index.ts'
import type {SessionDelegate, TaskOutcome} from '../../engine/index.ts'
import {recordWriter} from '../../ui/task-record.ts'
import {openStandardOutput} from './outlets.ts'
import {spareMemory} from './spare-memory.ts'
import {openStage} from './stage.ts'
import type {Stage} from './stage.ts'
import {stopTasks} from './stop-tasks.ts'

/** What a command wants to have transferred, and how it is told. */
export interface TransferRun {
  readonly session: SessionChoice
  readonly flags: TransferFlags
  readonly output: OutputOptions
  /** Is standard output for the content itself? */
  readonly standardOutput: 'data' | 'report'
  readonly warnings: readonly string[]
  readonly taskCount: number
  /** What to do for the rest after many tasks were stopped before their end. */
  readonly whenStopped?: string
  /** Delegates of this command beside those of the run. */
  readonly delegates: (stdout: StandardOutput) => readonly SessionDelegate[]
  /** Makes the tasks, suspended. What cannot become a task is given as an error, beside the others. */
  readonly makeTasks: (session: Session) => Promise<readonly (Task | TransferError)[]>
}

interface Ended {
  readonly task: Task
  readonly outcome: TaskOutcome
}

/** Session, tasks, outcomes: runs what was asked for and resolves to the exit code. */
export async function runTransfers(run: TransferRun): Promise<number> {
  spareMemory(run.taskCount)
  const stop = new StopState()
  const stdout = openStandardOutput(run.standardOutput === 'data' ? 'data' : run.output.format, error => {
    stop.error ??= error
    stop.now()
  })
  const record = recordWriter({exitCode: error => exitCodes[error.code], sessionName: run.session.name})
  const stage = await openStage(run, {stdout, record})
  const session = new Session(run.session.configuration, stage.delegate, stage.environment)
  stop.now = () => void stopTasks(session.tasks)
  const unwatch = watchSignals({
    stop: signal => {
      stop.exitCode = signalExitCodes[signal]
      stop.now()
    },
    abandon: signal => {
      stage.stopDisplay()
      process.exit(signalExitCodes[signal])
    }
  })
  try {
    const ended = await perform(run, {session, stage, stop})
    return await conclude(ended, {run, stage, stop, stdout})
  } finally {
    unwatch()
  }
}

/** Why a run stops before its tasks have ended by themselves. */
class StopState {
  exitCode: number | undefined
  error: TransferError | undefined
  now: () => void = () => {}
}

interface Performing {
  readonly session: Session
  readonly stage: Stage
  readonly stop: StopState
}

interface Performed {
  readonly ended: readonly Ended[]
  readonly refused: readonly TransferError[]
}

async function perform(run: TransferRun, {session, stage, stop}: Performing): Promise<Performed> {
  try {
    const made = await run.makeTasks(session)
    const refused = made.filter(each => each instanceof TransferError)
    const tasks = made.filter(each => each instanceof Task)
    stage.startDisplay()
    const endings = tasks.map(async made => {
      const {task, outcome} = await endOf(made)
      stage.finish(task)
      const hasFailed = outcome.state === 'failed'
      if (hasFailed && run.flags['fail-early'] && stop.exitCode === undefined) {
        stop.exitCode = outcomeExitCode(outcome)
        stop.now()
      }
      return {task, outcome}
    })
    for (const task of tasks) task.resume()
    if (stop.exitCode !== undefined || stop.error) stop.now()
    const ended = await Promise.all(endings)
    // A cookie file that cannot be written is a failure of the run; nobody would hear of it at the session's end.
    await session.stores.cookies.flush().catch((error: unknown) => {
      if (!(error instanceof TransferError)) throw error
      stop.error ??= error
    })
    await session.finishTasksAndInvalidate()
    return {ended, refused}
  } finally {
    stage.stopDisplay()
    await stage.close()
  }
}

/** How a transfer ends: of a data task that became a download, how the download does. */
async function endOf(task: Task): Promise<Ended> {
  const outcome = await task.outcome
  return task instanceof DataTask && task.download ? endOf(task.download) : {task, outcome}
}

interface Concluding {
  readonly run: TransferRun
  readonly stage: Stage
  readonly stop: StopState
  readonly stdout: StandardOutput
}

async function conclude(
  {ended, refused}: Performed,
  {run, stage, stop, stdout}: Concluding
): Promise<number> {
  const failures = ended.flatMap(({task, outcome}) =>
    outcome.state === 'failed' && outcome.error ? [{error: outcome.error, task, outcome}] : []
  )
  stage.speaker.fail([
    ...refused.map(error => ({error})),
    ...failures,
    ...(stop.error ? [{error: stop.error}] : [])
  ])
  const isCut = stop.exitCode !== undefined && ended.some(({outcome}) => outcome.state !== 'completed')
  if (isCut && ended.length > 1 && run.whenStopped !== undefined) stage.speaker.advise(run.whenStopped)
  await stage.finishReport(ended.map(({task}) => task))
  await stdout.flushed()
  const codes = [
    ...refused.map(error => exitCodes[error.code]),
    ...ended.map(({outcome}) => outcomeExitCode(outcome))
  ]
  if (stop.error) return exitCodes[stop.error.code]
  const wasStopped = ended.some(({outcome}) => outcome.state === 'paused' || outcome.state === 'cancelled')
  return stop.exitCode !== undefined && wasStopped ? stop.exitCode : batchExitCode(codes)
}
