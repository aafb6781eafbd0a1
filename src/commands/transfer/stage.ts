import {outcomeExitCode} from '../../cli/exit-codes.ts'
import {resumeDataKey} from '../../control/resume-data-key.ts'
import {present} from '../../cli/present.ts'
import type {StandardOutput} from '../../cli/standard-output.ts'
import {ProcessControl} from '../../control/process-control.ts'
import type {
  SessionDelegate,
  SessionEnvironment,
  Task,
  TaskOutcome,
  TransferError
} from '../../engine/index.ts'
import {combineDelegates} from '../../ui/delegates.ts'
import type {ResumeHint} from '../../ui/final-line.ts'
import {chooseDisplay} from '../../ui/progress.ts'
import type {ProgressDisplay} from '../../ui/progress.ts'
import type {TaskRecord} from '../../ui/task-record.ts'
import {aboveDrawing} from './above-drawing.ts'
import {HandOver} from './hand-over.ts'
import {hasHooks} from './hooks/hook.ts'
import type {OpenHooks} from './hooks/open-hooks.ts'
import {placesOfUser} from './places-of-user.ts'
import {Reporter} from './reporter.ts'
import type {TransferRun} from './run-transfers.ts'
import {Speaker} from './speaker.ts'

/** All that stands round the session of a run: who watches it, and what it needs of this user's machine. */
export interface Stage {
  readonly delegate: SessionDelegate
  readonly environment: SessionEnvironment
  readonly speaker: Speaker
  startDisplay(): void
  /** Takes what is drawn off the screen; may be called again. */
  stopDisplay(): void
  /** Tells of a task that has just ended. */
  finish(task: Task): void
  /** Tells of all tasks, at the end, and of what never became one. */
  finishReport(tasks: readonly Task[], refused: readonly TransferError[]): Promise<void>
  /** Lets go of the world outside; the hooks of --on-complete have run. */
  close(): Promise<void>
}

export interface StageParts {
  readonly stdout: StandardOutput
  readonly record: (task: Task) => TaskRecord
}

/** Sets the stage: display, reports, control from other processes. */
export async function openStage(run: TransferRun, parts: StageParts): Promise<Stage> {
  const {record} = parts
  const hooks = await hooksOf(run)
  const leaving = new Set<Task>()
  const hint: ResumeHint = (task, outcome) =>
    leaving.has(task) ? undefined : resumeHint(run, {task, outcome})
  const display = displayOf(run, {stdout: parts.stdout, hint})
  const isShared = parts.stdout.isTerminal && process.stderr.isTTY
  const stdout = isShared ? aboveDrawing(parts.stdout, display) : parts.stdout
  const {speaker, startDisplay, stopDisplay} = speakPast(display, {run, hint})
  const world = openWorld(run, {record, speaker, leaving})
  const reporter = new Reporter(run, {stdout, record, speaker, complete: hooks?.complete})
  const optional = await optionalDelegates(run, {speaker, reporter, hooks})
  return {
    // The display comes last, so that what a task has printed stands above the line of its end.
    delegate: combineDelegates(...world.delegates, ...optional, ...run.delegates(stdout), display.delegate),
    environment: world.environment,
    speaker,
    startDisplay,
    stopDisplay,
    finish: task => reporter.finish(task),
    finishReport: (tasks, refused) => reporter.finishReport(tasks, refused),
    close: async () => {
      await reporter.completed()
      await stdout.flushed()
      await world.close()
    }
  }
}

async function hooksOf({flags, session}: TransferRun): Promise<OpenHooks | undefined> {
  if (!hasHooks(flags, session.hooks)) return undefined
  const {openHooks} = await import('./hooks/open-hooks.ts')
  return openHooks(flags, session)
}

function displayOf(
  run: TransferRun,
  {stdout, hint}: {stdout: StandardOutput; hint: ResumeHint}
): ProgressDisplay {
  return chooseDisplay({
    progress: progressOf(run, stdout),
    quiet: run.output.speech === 'errors',
    silent: run.output.speech === 'nothing',
    stream: process.stderr,
    taskCount: run.taskCount,
    resumeHint: hint,
    environment: {NO_COLOR: process.env['NO_COLOR'], CI: process.env['CI'], TERM: process.env['TERM']}
  })
}

// A display that is not drawing keeps nobody's lines: those go out directly.
function speakPast(
  display: ProgressDisplay,
  {run, hint}: {run: TransferRun; hint: ResumeHint}
): Pick<Stage, 'speaker' | 'startDisplay' | 'stopDisplay'> {
  let isDrawing = false
  const speaker = new Speaker({
    speech: run.output.speech,
    write: line => {
      if (isDrawing) display.note(line)
      else process.stderr.write(`${line}\n`)
    },
    resumeHint: hint
  })
  for (const warning of run.warnings) speaker.warn(warning)
  return {
    speaker,
    startDisplay: () => {
      display.start()
      isDrawing = run.output.speech === 'all'
    },
    stopDisplay: () => {
      isDrawing = false
      display.stop()
    }
  }
}

// What is read on the screen while it arrives leaves no room for a drawing.
function progressOf({output, standardOutput}: TransferRun, {isTerminal}: StandardOutput) {
  const isReading = isTerminal && (standardOutput === 'data' || output.format === 'events')
  return isReading && output.progress === 'auto' ? 'none' : output.progress
}

function resumeHint(
  run: TransferRun,
  {task, outcome}: {task: Task; outcome: TaskOutcome}
): string | undefined {
  if (outcome.resumeData === undefined) return undefined
  return `ferry resume ${run.session.configuration.kind === 'ephemeral' ? outcome.resumeData : task.id}`
}

interface World {
  readonly delegates: readonly SessionDelegate[]
  readonly environment: SessionEnvironment
  close(): Promise<void>
}

// An ephemeral session leaves nothing outside its own process: no index, no key, no endpoint.
function openWorld(
  run: TransferRun,
  {record, speaker, leaving}: {record: StageParts['record']; speaker: Speaker; leaving: Set<Task>}
): World {
  const places = placesOfUser()
  const warn = (error: unknown): void => speaker.warn(error instanceof Error ? error.message : String(error))
  const own = {
    name: run.session.name,
    resumeDataKey: resumeDataKey(places.state, warn),
    stores: {folder: places.state, report: warn}
  }
  const {didUpdateResumeData} = run
  if (run.session.configuration.kind === 'ephemeral') {
    const environment = {...own, ...present({didUpdateResumeData})}
    return {delegates: [], environment, close: async () => {}}
  }
  const handOver = new HandOver(run, {speaker, leaving})
  const control = new ProcessControl({
    places,
    ownVerb: handOver.verb,
    records: {record: task => record(task), exitCode: outcomeExitCode},
    report: warn
  })
  return {
    delegates: [control.hooks.delegate, handOver.delegate],
    environment: {
      ...own,
      didUpdateResumeData: (task, path) => {
        control.hooks.environment.didUpdateResumeData(task, path)
        didUpdateResumeData?.(task, path)
      }
    },
    close: async () => {
      await handOver.settled()
      await control.close()
    }
  }
}

async function optionalDelegates(
  run: TransferRun,
  {speaker, reporter, hooks}: {speaker: Speaker; reporter: Reporter; hooks: OpenHooks | undefined}
): Promise<readonly SessionDelegate[]> {
  const delegates: SessionDelegate[] = []
  if (run.output.format === 'events') delegates.push(await reporter.eventDelegate())
  if (run.output.heads === 'shown') {
    const {headsDelegate} = await import('../../ui/heads.ts')
    delegates.push(headsDelegate(line => speaker.show(line)))
  }
  if (hooks) delegates.push(hooks.delegate)
  return delegates
}
