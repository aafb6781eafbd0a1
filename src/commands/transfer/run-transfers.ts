import {exitCodes, batchExitCode, outcomeExitCode, signalExitCodes} from '../../cli/exit-codes.ts'
import type {OutputOptions} from '../../cli/output-options.ts'
import type {SessionChoice} from '../../cli/session-choice.ts'
import {watchSignals} from '../../cli/signals.ts'
import type {StandardOutput} from '../../cli/standard-output.ts'
import type {TransferFlags} from '../../cli/transfer-flags.ts'
import {DataTask, Session, Task, TransferError} from '../../engine/index.ts'
import type {SessionDelegate, SessionEnvironment, TaskOutcome} from '../../engine/index.ts'
import {recordWriter} from '../../ui/task-record.ts'
import {openStandardOutput} from './outlets.ts'
import {spareMemory} from './spare-memory.ts'
import type {Failed} from './speaker.ts'
import {openStage} from './stage.ts'
import type {Stage} from './stage.ts'
import {stopTasks} from './stop-tasks.ts'

/** What a command wants to have transferred, and how it is told. */
export interface TransferRun {
  readonly session: SessionChoice
  readonly flags: TransferFlags
  readonly output: OutputOptions
  /** Is standard output for the content itself, for the answer to what is sent, or for what became of it? */
  readonly standardOutput: 'data' | 'answer' | 'report'
  readonly warnings: readonly string[]
  readonly taskCount: number
  /** What to do for the rest after many tasks were stopped before their end. */
  readonly whenStopped?: string
  /** Hears of resume data beside the task index, also where there is none. */
  readonly didUpdateResumeData?: SessionEnvironment['didUpdateResumeData']
  /** Delegates of this command beside those of the run. */
  readonly delegates: (stdout: StandardOutput) => readonly SessionDelegate[]
  /** Makes the tasks, suspended. What cannot become a task is given as an error, beside the others. */
  readonly makeTasks: (session: Session) => Promise<readonly (Task | TransferError)[]>
}

interface Ended {
  readonly state: TaskOutcome['state']
  readonly exitCode: number
  /** For --json. Otherwise a long list need not stay in memory. */
  readonly task: Task | undefined
  readonly failure: Failed | undefined
}

/** Session, tasks, outcomes: runs what was asked for and resolves to the exit code. */
export async function runTransfers(run: TransferRun): Promise<number> {
  spareMemory(run.taskCount)
  const stop = new StopState()
  const stdout = openStandardOutput(run.standardOutput === 'report' ? run.output.format : 'data', error => {
    stop.error ??= error
    // What is being sent arrives although nobody reads the answer.
    if (run.standardOutput !== 'answer') stop.now()
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
    const {endings, refused} = begin(run, {stage, stop, made: await run.makeTasks(session)})
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

interface Beginning {
  readonly stage: Stage
  readonly stop: StopState
  readonly made: readonly (Task | TransferError)[]
}

function begin(
  run: TransferRun,
  {stage, stop, made}: Beginning
): {endings: readonly Promise<Ended>[]; refused: readonly TransferError[]} {
  const tasks = made.filter(each => each instanceof Task)
  stage.startDisplay()
  const finish = (task: Task, outcome: TaskOutcome): Ended => {
    stage.finish(task)
    const ended = endOf(run, {task, outcome})
    if (outcome.state === 'failed' && run.flags['fail-early'] && stop.exitCode === undefined) {
      stop.exitCode = ended.exitCode
      stop.now()
    }
    return ended
  }
  const endings = tasks.map(task => whenEnded(task, finish))
  for (const task of tasks) task.resume()
  if (stop.exitCode !== undefined || stop.error) stop.now()
  return {endings, refused: made.filter(each => each instanceof TransferError)}
}

/** Of a data task that became a download, the end is that of the download. */
function whenEnded(task: Task, finish: (task: Task, outcome: TaskOutcome) => Ended): Promise<Ended> {
  return task.outcome.then(outcome =>
    task instanceof DataTask && task.download ? whenEnded(task.download, finish) : finish(task, outcome)
  )
}

function endOf({output}: TransferRun, {task, outcome}: {task: Task; outcome: TaskOutcome}): Ended {
  const {state, error} = outcome
  return {
    state,
    exitCode: outcomeExitCode(outcome),
    task: output.format === 'json' ? task : undefined,
    failure: state === 'failed' && error ? {error, task, outcome} : undefined
  }
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
  const failures = ended.flatMap(({failure}) => failure ?? [])
  const told = stop.error
  stage.speaker.fail([
    ...refused.map(error => ({error})),
    ...failures,
    ...(stop.error ? [{error: stop.error}] : [])
  ])
  const wasStopped = ended.some(({state}) => state === 'paused' || state === 'cancelled')
  const cut = wasStopped ? stop.exitCode : undefined
  if (cut !== undefined && ended.length > 1 && run.whenStopped !== undefined)
    stage.speaker.advise(run.whenStopped)
  await stage.finishReport(
    ended.flatMap(({task}) => task ?? []),
    refused
  )
  await stdout.flushed()
  // The document is the last that is written.
  if (stop.error && stop.error !== told) stage.speaker.fail([{error: stop.error}])
  const codes = [...refused.map(error => exitCodes[error.code]), ...ended.map(({exitCode}) => exitCode)]
  if (stop.error) return exitCodes[stop.error.code]
  return cut ?? batchExitCode(codes)
}
