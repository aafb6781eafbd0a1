import {resolve} from 'node:path'
import {answerPlace} from '../cli/answer-place.ts'
import type {CommandDeclaration} from '../cli/command.ts'
import {explainTransferFlag} from '../cli/foreign-spellings.ts'
import {batchExitCode} from '../cli/exit-codes.ts'
import type {ExplainFlag} from '../cli/read-words.ts'
import {outputOptions} from '../cli/output-options.ts'
import type {OutputOptions} from '../cli/output-options.ts'
import {resumeFlags} from '../cli/transfer-flags.ts'
import type {ResumeFlags} from '../cli/transfer-flags.ts'
import {shellWord} from '../cli/shell-word.ts'
import {assertNow, startTime} from '../cli/start-time.ts'
import {usageError} from '../cli/usage-error.ts'
import {TransferError} from '../engine/index.ts'
import type {Session, Task} from '../engine/index.ts'
import {sayWhereElse, tellApart} from './resume/background-tasks.ts'
import type {Resumed} from './resume/background-tasks.ts'
import {assertFlagsFit} from './resume/fitting-flags.ts'
import {releaseHeld} from './resume/release-held.ts'
import {resumption} from './resume/resumption.ts'
import type {Resumption} from './resume/resumption.ts'
import {runCommand} from './run-command.ts'
import {findResumeData, isPath} from './transfer/find-resume-data.ts'
import {headDelegate, headPlaces} from './transfer/outlets.ts'
import {ownAnswers} from './transfer/own-answer.ts'
import {isUpload, readRemains} from './transfer/remains.ts'
import type {Remains} from './transfer/remains.ts'
import {runTransfers} from './transfer/run-transfers.ts'
import type {TransferRun} from './transfer/run-transfers.ts'
import {suspendTransfers} from './transfer/suspend-transfers.ts'
import {trustOf} from './transfer/trust-question.ts'
import {AnswerOutlet} from './upload/answer-outlet.ts'
import {Spools} from './upload/spools.ts'
import {uploadsFolder} from './upload/uploads-folder.ts'

export const resume: CommandDeclaration = {
  id: 'resume',
  summary: 'Continue downloads and uploads that were paused, interrupted or killed.',
  description:
    'Takes task ids, their unique beginnings, or FILE.ferry files. For a download the server must still have the same ' +
    'version, for an upload the file must be unchanged: bytes of two versions are never joined. Runs in the foreground ' +
    'and exits like the get or the upload it continues; what belongs to a background session goes on there. Secrets are not stored: give -H, -u or -b again if the server ' +
    'needs them.',
  operand: {name: 'TASK', summary: 'ids of tasks, or paths of resume data', count: 'many'},
  examples: [
    {description: 'Continue what ferry tasks lists', command: 'ferry resume m3k9x2'},
    {description: 'Continue by file, also after a move', command: 'ferry resume downloads/disk.iso.ferry'},
    {
      description: 'Continue under a new link, because the old one has expired',
      command: 'ferry resume m3k9x2 --url "https://example.com/disk.iso?token=NEW"'
    },
    {
      description: 'Continue an upload, and keep what the server answers',
      command: 'ferry resume m3k9x2 -o answer.json'
    },
    {
      description: 'Continue without this terminal',
      command: 'ferry resume --background m3k9x2'
    },
    {description: 'Start from zero if nothing can be continued', command: 'ferry resume m3k9x2 --restart'}
  ],
  flags: resumeFlags,
  run: argv =>
    runCommand({
      argv,
      flags: resumeFlags,
      explain,
      perform: ({flags, operands}) => {
        const spools = new Spools(uploadsFolder())
        return perform(flags, {operands, spools}).finally(() => spools.finish())
      }
    })
}

const explain: ExplainFlag = flag => {
  const found = explainTransferFlag(flag)
  return found && {...found, message: found.message.replace('ferry get', 'ferry resume')}
}

interface Wanted {
  readonly operands: readonly string[]
  readonly spools: Spools
}

interface Going extends Wanted {
  readonly output: OutputOptions
}

async function perform(flags: ResumeFlags, {operands, spools}: Wanted): Promise<number> {
  if (operands.length === 0) {
    throw usageError('There is nothing to resume: name tasks or FILE.ferry files', 'ferry tasks lists them.')
  }
  if (flags.url !== undefined && operands.length > 1) throw usageError('--url is for one task at a time')
  const output = await outputOptions(flags)
  const found = await tellApart(operands)
  assertOneDocument(flags, found)
  assertNoneStands(flags, found)
  const released = found.held.length > 0 ? await releaseHeld(found.held, flags) : 0
  if (found.operands.length === 0) return released
  const inSession = found.session === undefined || flags.background ? {} : {session: found.session}
  const going = goOn({...inSession, ...flags}, {operands: found.operands, spools, output})
  const code = await going.catch((error: unknown) => {
    throw flags.session === undefined ? sayWhereElse(error, found) : error
  })
  return batchExitCode([released, code])
}

function assertNoneStands({suspended}: ResumeFlags, {held: [task]}: Resumed): void {
  if (!suspended || !task) return
  throw usageError(
    `${task.id} is suspended already`,
    `Leave it as it is, or let it go on: ferry resume ${task.id}`
  )
}

// What is released and what goes on as a new task are told in different documents.
function assertOneDocument({json}: ResumeFlags, {held, operands}: Resumed): void {
  const [task] = held
  if (!json || !task || operands.length === 0) return
  throw usageError(
    `--json prints one document, and ${task.id} stands still while others are to go on as new tasks`,
    'Resume what stands still by itself.'
  )
}

async function goOn(flags: ResumeFlags, {operands, spools, output}: Going): Promise<number> {
  const remains = await readRemains(operands)
  assertFlagsFit(flags, remains)
  const resumed = await resumption(flags, remains)
  const place = remains.some(isUpload) ? answerPlace(flags) : 'nowhere'
  const folders = flags['create-dirs'] ? 'make' : 'expect'
  const answers = new AnswerOutlet({place, folders, count: operands.length})
  const paths = new Map<Task, string>()
  const run: TransferRun = {
    session: resumed.session,
    flags,
    output,
    standardOutput: place === 'stdout' ? 'answer' : 'report',
    warnings: resumed.warnings,
    taskCount: operands.length,
    didUpdateResumeData: spools.didUpdateResumeData,
    delegates: stdout => {
      const heads = headPlaces(flags)
      return [
        ...answers.delegates(stdout),
        ...(heads.length > 0 ? [ownAnswers(headDelegate(heads, stdout))] : [])
      ]
    },
    makeTasks: async made => {
      const tasks: (Task | TransferError)[] = []
      // One after another: each may have a question.
      for (const each of remains) tasks.push(await makeTask(made, each, {...resumed, paths}))
      return tasks
    }
  }
  if (resumed.session.configuration.kind === 'background') return leave(flags, {run, resumed, paths})
  assertNow(flags)
  const code = await (flags.suspended ? suspendTransfers(run) : runTransfers(run))
  answers.finish()
  return code
}

interface Leaving {
  readonly run: TransferRun
  readonly resumed: Resumption
  /** What each task continues. */
  readonly paths: ReadonlyMap<Task, string>
}

async function leave(flags: ResumeFlags, {run, resumed, paths}: Leaving): Promise<number> {
  const {assertMayLeave} = await import('../cli/background-words.ts')
  assertMayLeave('resume', flags)
  const {submitTransfers} = await import('./transfer/submit-transfers.ts')
  return submitTransfers({
    ...run,
    earliestBegin: startTime(flags),
    continuationOf: task => ({
      resumeData: resolve(paths.get(task) ?? ''),
      restarting: flags.restart ? 'allow' : 'refuse',
      headers: resumed.download.headers ?? []
    })
  })
}

async function makeTask(
  session: Session,
  remains: Remains,
  wanted: Resumption & {readonly paths: Map<Task, string>}
): Promise<Task | TransferError> {
  try {
    const path = await findResumeData(remains.operand)
    const task = await (isUpload(remains)
      ? continueUpload(session, path, wanted)
      : continueDownload(session, path, wanted))
    wanted.paths.set(task, path)
    return task
  } catch (error) {
    if (error instanceof TransferError) return withWayOn(error, remains.operand)
    throw error
  }
}

// Nothing of it has begun, so that no task can say how it goes on.
function withWayOn(error: TransferError, operand: string): TransferError {
  if (error.code !== 'SOURCE_CHANGED') return error
  const word = shellWord(operand)
  const again = `Send it from zero with: ferry resume ${word} --restart`
  // Only tasks can be cancelled.
  const hint = isPath(operand) ? again : `${again}, or forget it with: ferry cancel ${word}`
  return new TransferError(error.code, error.message, {cause: error, hint})
}

async function continueDownload(session: Session, path: string, {download}: Resumption): Promise<Task> {
  const trust = download.trust ?? (await trustOf(path, session.environment.resumeDataKey?.()))
  return session.downloadTaskWithResumeData(path, {
    ...download,
    ...(trust && {trust}),
    options: {...download.options, ...privateResumeData(session, path)}
  })
}

function continueUpload(session: Session, path: string, {upload}: Resumption): Promise<Task> {
  return session.uploadTaskWithResumeData(path, {
    ...upload,
    options: {...upload.options, ...privateResumeData(session, path)}
  })
}

// An ephemeral session looks at no resume data but that which it is told of: this is what it is told.
function privateResumeData({configuration}: Session, path: string): {readonly resumeDataPath?: string} {
  return configuration.kind === 'ephemeral' ? {resumeDataPath: resolve(path)} : {}
}
