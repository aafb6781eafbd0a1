import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {batchExitCode, exitCodes} from '../../cli/exit-codes.ts'
import {readHookCommand} from '../../cli/hook-command.ts'
import {resumeDataKey} from '../../control/resume-data-key.ts'
import type {StandardOutput} from '../../cli/standard-output.ts'
import type {SubmittedTask} from '../../control/background/submission.ts'
import {DownloadTask, isRecordable, Session, TransferError, UploadTask} from '../../engine/index.ts'
import type {SessionDelegate, Task} from '../../engine/index.ts'
import {recordWriter} from '../../ui/task-record.ts'
import {openBackground} from './background-desk.ts'
import {farewell, mostIds} from './farewell.ts'
import {isProgram} from './hooks/is-program.ts'
import {openStandardOutput} from './outlets.ts'
import {placesOfUser} from './places-of-user.ts'
import {errorFacts} from './refusals.ts'
import type {TransferRun} from './run-transfers.ts'
import {snapshotOf} from './snapshot.ts'
import {Speaker} from './speaker.ts'
import {storedTask} from './stored-task.ts'
import type {Continuation} from './stored-task.ts'

/** A run whose tasks somebody else performs. */
export interface SubmissionRun extends TransferRun {
  /** When the tasks may begin, in milliseconds since the epoch; null = at once. */
  readonly earliestBegin: number | null
  /** What a task continues; undefined = it begins. */
  readonly continuationOf?: (task: Task) => Continuation | undefined
  /** For files that are this run's own: the service takes them over, or has not. */
  readonly files?: {
    give(path: string): void
    takeBack(path: string): Promise<void>
  }
}

/** A task that is handed over, as it is made and as it is written down. */
interface Handed {
  readonly task: DownloadTask | UploadTask
  readonly submitted: SubmittedTask
}

/** Hands the tasks of a run to the background service (B3); resolves to the exit code when they are on disk. */
export async function submitTransfers(run: SubmissionRun): Promise<number> {
  const stdout = openStandardOutput(run.output.format, () => {})
  const speaker = speakerOf(run)
  const created: string[] = []
  const session = new Session(run.session.configuration, await eventDelegate(run, created), {
    name: run.session.name,
    resumeDataKey: resumeDataKey(placesOfUser().state, () => {})
  })
  try {
    const made = await run.makeTasks(session)
    const refused = made.filter(each => each instanceof TransferError)
    const handed = await write(run, made)
    await assertFolders(handed)
    if (handed.length > 0) await handOver(run, handed)
    await report(run, {handed, refused, created, stdout, speaker})
    speaker.fail(refused.map(error => ({error})))
    return batchExitCode(refused.map(({code}) => exitCodes[code]))
  } finally {
    await session.invalidateAndCancel()
  }
}

function speakerOf({output, warnings}: SubmissionRun): Speaker {
  const speaker = new Speaker({
    speech: output.speech,
    write: line => void process.stderr.write(`${line}\n`),
    resumeHint: () => undefined
  })
  for (const warning of warnings) speaker.warn(warning)
  return speaker
}

// What --events prints is collected: nothing is said of a task that nobody has taken.
async function eventDelegate({output, session}: SubmissionRun, lines: string[]): Promise<SessionDelegate> {
  if (output.format !== 'events') return {}
  const {eventDelegate: events} = await import('../../ui/events.ts')
  const {didCreateTask} = events({
    write: line => lines.push(line),
    exitCode: error => exitCodes[error.code],
    sessionName: session.name
  })
  return {...(didCreateTask && {didCreateTask})}
}

async function write(
  {earliestBegin, continuationOf}: SubmissionRun,
  made: readonly (Task | TransferError)[]
): Promise<readonly Handed[]> {
  const handed: Handed[] = []
  for (const task of made) {
    if (!(task instanceof DownloadTask || task instanceof UploadTask)) continue
    const submitted = await storedTask(task, {earliestBegin, continuation: continuationOf?.(task)})
    handed.push({task, submitted})
  }
  return handed
}

// A misspelt folder is said to the person who is still there.
async function assertFolders(handed: readonly Handed[]): Promise<void> {
  const folders = handed.flatMap(({task}) =>
    task instanceof DownloadTask && !task.continues && !task.options.createDirectories
      ? [task.options.directory]
      : []
  )
  for (const folder of new Set(folders)) {
    const isFolder = await stat(folder).then(
      facts => facts.isDirectory(),
      () => false
    )
    if (!isFolder) throw new TransferError('WRITE_FAILED', `The folder ${folder} is not there`)
  }
}

async function handOver(run: SubmissionRun, handed: readonly Handed[]): Promise<void> {
  const {configuration} = run.session
  const own = handed.flatMap(({task}) =>
    task instanceof UploadTask && task.source.kind === 'file' && task.source.lifetime === 'task'
      ? [task.source.path]
      : []
  )
  // Before: were this process killed in between, a copy that the service relies on would count as forgotten.
  for (const path of own) run.files?.give(path)
  try {
    await openBackground().submit({
      session: configuration.keys.identifier ?? run.session.name,
      snapshot: snapshotOf(configuration, {hooks: run.session.hooks, onComplete: run.flags['on-complete']}),
      tasks: handed.map(({submitted}) => submitted)
    })
  } catch (error) {
    for (const path of own) await run.files?.takeBack(path)
    throw error
  }
}

interface Report {
  readonly handed: readonly Handed[]
  readonly refused: readonly TransferError[]
  readonly created: readonly string[]
  readonly stdout: StandardOutput
  readonly speaker: Speaker
}

async function report(
  run: SubmissionRun,
  {handed, refused, created, stdout, speaker}: Report
): Promise<void> {
  const tasks = handed.map(({task}) => task)
  if (run.output.format === 'json') {
    const {formatJsonDocument} = await import('../../ui/json-document.ts')
    const record = recordWriter({exitCode: error => exitCodes[error.code], sessionName: run.session.name})
    const records = tasks.map(task => ({...record(task), state: 'waiting' as const, path: pathOf(task)}))
    await stdout.write(formatJsonDocument(records, errorFacts(refused)))
  } else {
    const lines = run.output.format === 'events' ? created : tasks.map(({id}) => id)
    if (lines.length > 0 && !run.flags.silent) await stdout.write(`${lines.join('\n')}\n`)
  }
  await stdout.flushed()
  if (tasks.length === 0) return
  for (const line of farewell(tasks, run)) speaker.note(line)
  const long = tasks.filter(task => !isRecordable(task))
  if (long.length > 0) speaker.warn(tooLong(long))
  const lost = lostProgram(run)
  if (lost !== undefined) speaker.warn(`--on-complete: there is no such program as ${lost}`)
  if (isSet(process.env['CI'])) speaker.warn(endOfJob(tasks))
}

function pathOf(task: DownloadTask | UploadTask): string | null {
  if (!(task instanceof DownloadTask) || task.options.fileName === undefined) return null
  return join(task.options.directory, task.options.fileName)
}

// When it is to run, nobody looks.
function lostProgram({flags, session}: SubmissionRun): string | undefined {
  const command = flags['on-complete'] ?? session.hooks.onComplete
  if (command === undefined) return undefined
  const {program} = readHookCommand('--on-complete', command)
  return isProgram(program, process.env['PATH'] ?? '') ? undefined : program
}

// What CI systems set; an empty value is none.
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false'
}

function endOfJob(tasks: readonly Task[]): string {
  const ids = tasks.length > mostIds ? 'and the ids that were printed' : tasks.map(({id}) => id).join(' ')
  return `this is a CI job (CI is set), whose end may kill the background service: end the job with ferry wait ${ids}`
}

function tooLong(tasks: readonly Task[]): string {
  const which = tasks.length > mostIds ? `${tasks.length} of these` : tasks.map(({id}) => id).join(' ')
  return `the address or the headers are too long for resume data: interrupted, it begins again (${which})`
}
