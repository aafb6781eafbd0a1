import {resolve} from 'node:path'
import type {CommandDeclaration} from '../cli/command.ts'
import {broughtCertificate} from '../cli/client-certificate.ts'
import {connectionWarnings} from '../cli/connection-warnings.ts'
import {explainTransferFlag} from '../cli/foreign-spellings.ts'
import {readChecksums} from '../cli/checksum-argument.ts'
import {outputOptions} from '../cli/output-options.ts'
import {authenticationArguments} from '../cli/authentication-arguments.ts'
import type {AuthenticationArguments} from '../cli/authentication-arguments.ts'
import {netrcWarnings} from '../cli/netrc-file.ts'
import {requestHeaders} from '../cli/request-headers.ts'
import {present} from '../cli/present.ts'
import {resolveConfiguration} from '../cli/resolve-configuration.ts'
import {chooseSession} from '../cli/session-choice.ts'
import type {SessionChoice} from '../cli/session-choice.ts'
import {resumeFlags} from '../cli/transfer-flags.ts'
import type {ResumeFlags} from '../cli/transfer-flags.ts'
import {usageError} from '../cli/usage-error.ts'
import {TransferError, parseAddress, readResumeData} from '../engine/index.ts'
import type {ResumeOptions, Session, Task} from '../engine/index.ts'
import {runCommand} from './run-command.ts'
import {configurationFolder} from './transfer/configuration-folder.ts'
import {findResumeData} from './transfer/find-resume-data.ts'
import {headDelegate} from './transfer/outlets.ts'
import {runTransfers} from './transfer/run-transfers.ts'
import {sessionOfResumeData} from './transfer/session-of-resume-data.ts'
import type {SessionFound} from './transfer/session-of-resume-data.ts'
import {trustOf} from './transfer/trust-question.ts'

export const resume: CommandDeclaration = {
  id: 'resume',
  summary: 'Continue downloads that were paused, interrupted or killed.',
  description:
    'Takes task ids, their unique beginnings, or FILE.ferry files. The server must still have the same version: bytes ' +
    'of two versions are never joined. Runs in the foreground and exits like the get it continues. Secrets are not ' +
    'stored: give -H, -u or -b again if the server needs them.',
  operand: {name: 'TASK', summary: 'ids of tasks, or paths of resume data', count: 'many'},
  examples: [
    {description: 'Continue what ferry tasks lists', command: 'ferry resume m3k9x2'},
    {description: 'Continue by file, also after a move', command: 'ferry resume downloads/disk.iso.ferry'},
    {
      description: 'Continue under a new link, because the old one has expired',
      command: 'ferry resume m3k9x2 --url "https://example.com/disk.iso?token=NEW"'
    },
    {description: 'Start from zero if nothing can be continued', command: 'ferry resume m3k9x2 --restart'}
  ],
  flags: resumeFlags,
  run: argv =>
    runCommand({
      argv,
      flags: resumeFlags,
      explain: explainTransferFlag,
      perform: ({flags, operands}) => perform(flags, operands)
    })
}

async function perform(flags: ResumeFlags, operands: readonly string[]): Promise<number> {
  if (operands.length === 0) {
    throw usageError('There is nothing to resume: name tasks or FILE.ferry files', 'ferry tasks lists them.')
  }
  if (flags.url !== undefined && operands.length > 1) throw usageError('--url is for one task at a time')
  const output = await outputOptions(flags)
  const {session, wanted, warnings} = await resumption(flags, operands)
  const dump = flags['dump-header']
  return runTransfers({
    session,
    flags,
    output,
    standardOutput: 'report',
    warnings,
    taskCount: operands.length,
    delegates: stdout => (dump === undefined ? [] : [headDelegate([dump], stdout)]),
    makeTasks: async made => {
      const tasks: (Task | TransferError)[] = []
      // One after another: each may have a question.
      for (const operand of operands) tasks.push(await makeTask(made, {operand, options: wanted}))
      return tasks
    }
  })
}

interface Resumption {
  readonly session: SessionChoice
  readonly wanted: ResumeOptions
  readonly warnings: readonly string[]
}

/** In which session it goes on, and with what of it. */
async function resumption(flags: ResumeFlags, operands: readonly string[]): Promise<Resumption> {
  const who = await authenticationArguments(flags)
  const changes = await resolveConfiguration(flags)
  const found = await sessionFound(flags, operands)
  const session = await chooseSession(present({session: found.session}), {
    changes,
    folder: configurationFolder()
  })
  const certificate = broughtCertificate(changes, session.configuration)
  const given = resumeOptions(flags, who)
  const options = {...given.options, ...(certificate && {certificate})}
  const isFound = flags.session === undefined && session.name !== 'shared'
  const isElsewhere = isFound && (await movesAway(operands, given.url))
  return {
    session,
    wanted: {
      ...given,
      headers: await requestHeaders(flags),
      options: isElsewhere ? {...options, credentials: 'given'} : options
    },
    warnings: [
      ...who.warnings,
      ...(await netrcWarnings(flags)),
      ...session.warnings,
      ...found.gone.map(isGone),
      ...connectionWarnings(flags),
      ...(isElsewhere ? [keepsToItself(session.name)] : [])
    ]
  }
}

async function sessionFound(flags: ResumeFlags, operands: readonly string[]): Promise<SessionFound> {
  return flags.session === undefined ? sessionOfResumeData(operands) : {session: flags.session, gone: []}
}

// Without its proxy and its login, the download would go on another way than it began.
function isGone(session: string): string {
  return `the session ${session} is gone, with its headers, login and proxy: the download goes on in shared; --session NAME chooses another`
}

/** Does the new address belong to another server than the one that the download was begun at? */
async function movesAway(operands: readonly string[], to: URL | undefined): Promise<boolean> {
  if (!to) return false
  for (const operand of operands) {
    const {data} = await readResumeData(await findResumeData(operand))
    if (new URL(data.originalRequest.url).origin !== to.origin) return true
  }
  return false
}

// The resume data named the session, the user only the address: nobody has said that one may know the secrets of the other.
function keepsToItself(session: string): string {
  return `--url: the address is at another server, so that no login, header or cookie of the session ${session} goes there; --session ${session} allows it`
}

function resumeOptions(flags: ResumeFlags, {authentication}: AuthenticationArguments): ResumeOptions {
  const checksums = readChecksums(flags).map(argument => {
    if (argument.kind === 'digest') return argument.checksum
    throw usageError('resume takes a digest, not the URL of a checksum file')
  })
  return {
    ...(flags.url === undefined ? {} : {url: parseAddress(flags.url)}),
    ...(flags['trust-resume-data'] ? {trust: 'foreign'} : {}),
    ...(flags.restart ? {whenLost: 'restart'} : {}),
    options: {
      ...(authentication ? {authentication} : {}),
      ...(flags['if-exists'] === undefined ? {} : {ifExists: flags['if-exists']}),
      ...(flags['require-length'] ? {requireLength: true} : {}),
      ...(flags['no-restart'] ? {restarting: 'refuse'} : {}),
      ...(checksums.length > 0 ? {checksums} : {})
    }
  }
}

interface Wanted {
  readonly operand: string
  readonly options: ResumeOptions
}

async function makeTask(session: Session, {operand, options}: Wanted): Promise<Task | TransferError> {
  try {
    const path = await findResumeData(operand)
    const trust = options.trust ?? (await trustOf(path, session.environment.resumeDataKey?.()))
    return await session.downloadTaskWithResumeData(path, {
      ...options,
      ...(trust && {trust}),
      options: {...options.options, ...privateResumeData(session, path)}
    })
  } catch (error) {
    if (error instanceof TransferError) return error
    throw error
  }
}

// An ephemeral session looks at no resume data beside the file, unless it is told to: this is what it is told.
function privateResumeData({configuration}: Session, path: string): {readonly resumeDataPath?: string} {
  return configuration.kind === 'ephemeral' ? {resumeDataPath: resolve(path)} : {}
}
