import {answerPlace} from '../cli/answer-place.ts'
import type {CommandDeclaration} from '../cli/command.ts'
import {connectionWarnings} from '../cli/connection-warnings.ts'
import {nameRequest} from '../cli/name-request.ts'
import {outputOptions} from '../cli/output-options.ts'
import {planUpload} from '../cli/plan-upload.ts'
import type {PlannedUpload, UploadPlan} from '../cli/plan-upload.ts'
import type {Words} from '../cli/read-words.ts'
import {resolveConfiguration} from '../cli/resolve-configuration.ts'
import {chooseSession} from '../cli/session-choice.ts'
import type {StandardOutput} from '../cli/standard-output.ts'
import {startTime} from '../cli/start-time.ts'
import {uploadFlags} from '../cli/transfer-flags.ts'
import type {UploadFlags} from '../cli/transfer-flags.ts'
import {uploadChanges} from '../cli/upload-changes.ts'
import {explainUploadFlag, refuseMisreadUpload} from '../cli/upload-spellings.ts'
import type {SessionDelegate, UploadOptions} from '../engine/index.ts'
import {runCommand} from './run-command.ts'
import {configurationFolder} from './transfer/configuration-folder.ts'
import {groundOf} from './transfer/ground.ts'
import {entityTagDelegate, headDelegate, headPlaces} from './transfer/outlets.ts'
import {ownAnswers} from './transfer/own-answer.ts'
import {runTransfers} from './transfer/run-transfers.ts'
import type {TransferRun} from './transfer/run-transfers.ts'
import {suspendTransfers} from './transfer/suspend-transfers.ts'
import {AnswerOutlet} from './upload/answer-outlet.ts'
import type {AnswerOutletOptions} from './upload/answer-outlet.ts'
import {announceStream, announceSpool} from './upload/announce-input.ts'
import {spoolStandardInput} from './upload/spool-standard-input.ts'
import {Spools} from './upload/spools.ts'
import {standardInputDelegate} from './upload/standard-input.ts'
import {uploadsFolder} from './upload/uploads-folder.ts'

export const upload: CommandDeclaration = {
  id: 'upload',
  summary: 'Send files, data, forms or standard input; go on where the server can.',
  description:
    'The URL comes last. Files and standard input are sent with PUT, -d and -F with POST, unless -X says otherwise. A URL ' +
    'that ends in / is a folder: each file is put there under its own name. The body of the answer goes to standard ' +
    'output. Where the server speaks tus or the resumable upload draft, an interrupted upload of a file goes on where ' +
    'the server stopped receiving: run the same command again, or ferry resume.',
  operand: {name: 'FILE', summary: 'what to send; - is standard input', count: 'many'},
  target: {name: 'URL', summary: 'where to: one http or https address'},
  examples: [
    {
      description: 'Put a file into a folder of the server, under its own name',
      command: 'ferry upload build.tar.gz https://example.com/builds/'
    },
    {
      description: 'Several files, three at a time, with a password that nobody sees',
      command: 'ferry upload -u env:LOGIN -j 3 dist/*.zip https://example.com/builds/'
    },
    {
      description: 'What a program prints; --spool makes it safe to send again',
      command: '$ pg_dump shop | ferry upload --spool - https://example.com/shop.sql'
    },
    {
      description: 'Data, as JSON',
      command: `ferry upload -d @order.json -H 'Content-Type: application/json' https://example.com/orders`
    },
    {
      description: 'A form with a file',
      command:
        "ferry upload -F 'title=Report' -F 'file=@report.pdf;type=application/pdf' https://example.com/send"
    },
    {
      description: 'Into S3, signed',
      command:
        'ferry upload -u env:AWS_KEY_PAIR --aws-sigv4 aws:amz:eu-central-1:s3 a.iso https://bucket.s3.eu-central-1.amazonaws.com/'
    },
    {
      description: 'At night, without this terminal',
      command: 'ferry upload --background --start-at 02:30 backup.tar https://example.com/backups/'
    },
    {
      description: 'Tell a script what happened, and keep the answer',
      command: 'ferry upload --json -o answer.json disk.iso https://example.com/disk.iso'
    }
  ],
  flags: uploadFlags,
  run: argv =>
    runCommand({
      argv,
      flags: uploadFlags,
      explain: explainUploadFlag,
      perform: async words => {
        refuseMisreadUpload(argv, words.operands)
        const spools = new Spools(uploadsFolder())
        return perform(words, spools).finally(() => spools.finish())
      }
    })
}

async function perform(words: Words<typeof uploadFlags>, spools: Spools): Promise<number> {
  const {flags, operands} = words
  const output = await outputOptions(flags)
  const ground = await groundOf(flags, background => {
    background.assertMayLeave('upload', flags)
    background.assertKept(operands, flags)
  })
  const place = answerPlace(flags)
  const plan = await planUpload(words)
  const changes = {...(await resolveConfiguration(flags)), uploads: uploadChanges(flags)}
  const session = await chooseSession(flags, {changes, folder: configurationFolder()})
  const folders = flags['create-dirs'] ? 'make' : 'expect'
  const answers = answersOf(plan, {place, folders})
  const reading = flags.spool ? announceSpool(plan.uploads, output) : announceStream(plan.uploads, output)
  const uploads = await readyToSend(flags, {plan, spools})
  const common: UploadOptions = {resumeDataFolder: uploadsFolder()}
  const run: TransferRun = {
    session,
    flags,
    output: reading.output,
    standardOutput: place === 'stdout' ? 'answer' : 'report',
    warnings: [...reading.warnings, ...plan.warnings, ...session.warnings, ...connectionWarnings(flags)],
    taskCount: uploads.length,
    whenStopped: 'See what can be continued with: ferry tasks. The rest has to be sent again.',
    didUpdateResumeData: spools.didUpdateResumeData,
    delegates: stdout => [...answers.delegates(stdout), ...delegatesOf(flags, stdout)],
    makeTasks: async made =>
      uploads.map(({request, source, options}) => made.uploadTask(request, {...common, ...options, source}))
  }
  if (ground === 'background') return leave(flags, {run, spools})
  const code = await (flags.suspended ? suspendTransfers(run) : runTransfers(run))
  answers.finish()
  return code
}

async function leave(flags: UploadFlags, {run, spools}: {run: TransferRun; spools: Spools}): Promise<number> {
  const {submitTransfers} = await import('./transfer/submit-transfers.ts')
  return submitTransfers({
    ...run,
    earliestBegin: startTime(flags),
    files: {give: path => spools.release(path), takeBack: path => spools.claim(path)}
  })
}

function answersOf(
  {uploads}: UploadPlan,
  where: Pick<AnswerOutletOptions, 'place' | 'folders'>
): AnswerOutlet {
  const [first] = uploads
  try {
    return new AnswerOutlet({...where, count: uploads.length})
  } catch (error) {
    throw first && uploads.length === 1 ? nameRequest(error, first.request) : error
  }
}

async function readyToSend(
  flags: UploadFlags,
  {plan, spools}: {plan: UploadPlan; spools: Spools}
): Promise<readonly PlannedUpload[]> {
  const {claim} = spools
  const uploads: PlannedUpload[] = []
  for (const {request, source, options} of plan.uploads) {
    const sent =
      flags.spool && source.kind === 'stream'
        ? await spoolStandardInput(source.length, {folder: uploadsFolder(), claim})
        : source
    const signed = plan.signing ? {sign: plan.signing.signerFor(sent)} : {}
    uploads.push({request, source: sent, options: {...options, ...signed}})
  }
  return uploads
}

function delegatesOf(flags: UploadFlags, stdout: StandardOutput): readonly SessionDelegate[] {
  const delegates: SessionDelegate[] = [standardInputDelegate()]
  const heads = headPlaces(flags)
  if (heads.length > 0) delegates.push(ownAnswers(headDelegate(heads, stdout)))
  if (flags['etag-save'] !== undefined) delegates.push(entityTagDelegate(flags['etag-save']))
  return delegates
}
