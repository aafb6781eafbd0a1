import type {CommandDeclaration} from '../cli/command.ts'
import {connectionWarnings} from '../cli/connection-warnings.ts'
import {outputOptions} from '../cli/output-options.ts'
import {planGet} from '../cli/plan-get.ts'
import type {GetPlan, PlannedTransfer} from '../cli/plan-get.ts'
import {resolveConfiguration} from '../cli/resolve-configuration.ts'
import {chooseSession} from '../cli/session-choice.ts'
import type {SessionChoice} from '../cli/session-choice.ts'
import type {StandardOutput} from '../cli/standard-output.ts'
import {startTime} from '../cli/start-time.ts'
import {getFlags} from '../cli/transfer-flags.ts'
import type {GetFlags} from '../cli/transfer-flags.ts'
import {usageError} from '../cli/usage-error.ts'
import type {Session, SessionDelegate, Task} from '../engine/index.ts'
import {runGetWords} from './run-get-words.ts'
import {configurationFolder} from './transfer/configuration-folder.ts'
import {groundOf} from './transfer/ground.ts'
import {
  bodyDelegate,
  entityTagDelegate,
  headDelegate,
  headPlaces,
  savingDelegate
} from './transfer/outlets.ts'
import {runTransfers} from './transfer/run-transfers.ts'
import type {TransferRun} from './transfer/run-transfers.ts'
import {suspendTransfers} from './transfer/suspend-transfers.ts'

export const get: CommandDeclaration = {
  id: 'get',
  summary: 'Download files, or print one. `ferry URL` is short for it.',
  description:
    'Each URL becomes a file of the current folder, named by the server or the URL. The file appears once, whole and ' +
    'checked; until then its bytes are in FILE.part and what is needed to continue in FILE.ferry. Run the same ' +
    'command again, or ferry resume, and an interrupted download goes on where it stopped.',
  operand: {name: 'URL', summary: 'http or https addresses', count: 'many'},
  examples: [
    {description: 'Fetch a file under its own name', command: 'ferry get https://example.com/disk.iso'},
    {
      description: 'Choose the name, and prove the content',
      command: 'ferry get -o disk.iso --sha256 HEX https://example.com/disk.iso'
    },
    {description: 'Print a text', command: 'ferry get -o - https://example.com/notes.txt'},
    {
      description: 'Fetch a list, four at a time',
      command: 'ferry get -i urls.txt -j 4 -P downloads --create-dirs'
    },
    {
      description: 'Hand it over: it arrives although the terminal is closed',
      command: 'ferry get --background https://example.com/disk.iso'
    },
    {
      description: 'Tell a script what happened',
      command: 'ferry get --json --if-exists skip https://example.com/disk.iso'
    },
    {
      description: 'Sign in without showing the password to other users',
      command: 'ferry get -u env:CREDENTIALS https://example.com/private.zip'
    }
  ],
  flags: getFlags,
  run: argv => runGetWords(argv, perform)
}

async function perform(flags: GetFlags, operands: readonly string[]): Promise<number> {
  const output = await outputOptions(flags)
  const ground = await groundOf(flags, words => {
    words.assertMayLeave('get', flags)
    words.assertIntoFiles(flags)
  })
  const plan = await planGet(flags, operands)
  const transfers = plan.transfers
  const isData = transfers.some(({kind}) => kind === 'data')
  const changes = await resolveConfiguration(flags)
  const session = await chooseSession(flags, {changes, folder: configurationFolder()})
  assertResumeDataPlace(flags, session)
  const warnings = [...plan.warnings, ...session.warnings, ...connectionWarnings(flags)]
  const run: TransferRun = {
    session: isData ? oneAtATime(session) : session,
    flags,
    output,
    standardOutput: isData || transfers.some(printsHead) ? 'data' : 'report',
    warnings,
    taskCount: transfers.length,
    whenStopped: 'Run the same command again with --if-exists skip to fetch the rest.',
    delegates: stdout => delegatesOf(flags, {plan, stdout}),
    makeTasks: async made => (await withChecksums(session, plan)).map(transfer => makeTask(made, transfer))
  }
  if (ground === 'background') return leave(flags, run)
  return flags.suspended ? suspendTransfers(run) : runTransfers(run)
}

async function leave(flags: GetFlags, run: TransferRun): Promise<number> {
  const {submitTransfers} = await import('./transfer/submit-transfers.ts')
  return submitTransfers({...run, earliestBegin: startTime(flags)})
}

function assertResumeDataPlace(flags: GetFlags, {configuration}: SessionChoice): void {
  if (flags['resume-data'] === undefined || configuration.kind === 'ephemeral') return
  throw usageError(
    '--resume-data goes with --ephemeral; otherwise resume data lies beside the file, as FILE.ferry'
  )
}

// Two bodies on one standard output must not mix.
function oneAtATime(session: SessionChoice): SessionChoice {
  return {...session, configuration: session.configuration.with({maxParallelTasks: 1})}
}

async function withChecksums(
  {configuration}: SessionChoice,
  plan: GetPlan
): Promise<readonly PlannedTransfer[]> {
  if (plan.checksums.length === 0) return plan.transfers
  const {resolveChecksums} = await import('../cli/resolve-checksums.ts')
  return resolveChecksums(plan, configuration)
}

function makeTask(session: Session, transfer: PlannedTransfer): Task {
  return transfer.kind === 'download'
    ? session.downloadTask(transfer.request, transfer.options)
    : session.dataTask(transfer.request, transfer.options)
}

function printsHead(transfer: PlannedTransfer): boolean {
  return transfer.kind === 'head' && transfer.output === '-'
}

interface Outlets {
  readonly plan: GetPlan
  readonly stdout: StandardOutput
}

function delegatesOf(flags: GetFlags, {plan, stdout}: Outlets): readonly SessionDelegate[] {
  const {transfers, saving} = plan
  const delegates: SessionDelegate[] = []
  const asked = transfers.flatMap(transfer => (transfer.kind === 'head' ? [transfer.output] : []))
  const heads = headPlaces(flags, asked)
  if (heads.length > 0) delegates.push(headDelegate(heads, stdout))
  if (transfers.some(({kind}) => kind === 'data') && !flags.events) delegates.push(bodyDelegate(stdout))
  if (saving) delegates.push(savingDelegate(saving))
  if (flags['etag-save'] !== undefined) delegates.push(entityTagDelegate(flags['etag-save']))
  return delegates
}
