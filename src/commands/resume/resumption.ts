import {broughtCertificate} from '../../cli/client-certificate.ts'
import {authenticationArguments} from '../../cli/authentication-arguments.ts'
import type {AuthenticationArguments} from '../../cli/authentication-arguments.ts'
import {connectionWarnings} from '../../cli/connection-warnings.ts'
import {readChecksums} from '../../cli/checksum-argument.ts'
import {netrcWarnings} from '../../cli/netrc-file.ts'
import {present} from '../../cli/present.ts'
import {requestHeaders} from '../../cli/request-headers.ts'
import {resolveConfiguration} from '../../cli/resolve-configuration.ts'
import {chooseSession, sessionName} from '../../cli/session-choice.ts'
import type {SessionChoice} from '../../cli/session-choice.ts'
import type {ResumeFlags} from '../../cli/transfer-flags.ts'
import {usageError} from '../../cli/usage-error.ts'
import {parseAddress} from '../../engine/index.ts'
import type {ResumeOptions, ResumeUploadOptions} from '../../engine/index.ts'
import {configurationFolder} from '../transfer/configuration-folder.ts'
import type {Remains} from '../transfer/remains.ts'
import {sessionOfResumeData} from '../transfer/session-of-resume-data.ts'
import type {SessionFound} from '../transfer/session-of-resume-data.ts'
import {missingSecrets} from './missing-secrets.ts'

/** In which session transfers go on, and with what of the command line. */
export interface Resumption {
  readonly session: SessionChoice
  readonly download: ResumeOptions
  readonly upload: ResumeUploadOptions
  readonly warnings: readonly string[]
}

/** What the flags make of it. Rejects with USAGE, and with whatever keeps a session or a secret from being read. */
export async function resumption(flags: ResumeFlags, remains: readonly Remains[]): Promise<Resumption> {
  const who = await authenticationArguments(flags)
  const changes = await resolveConfiguration(flags)
  const found = await sessionFound(flags, remains)
  const session = await chooseSession(present({session: found.session}), {
    changes,
    folder: configurationFolder()
  })
  const certificate = broughtCertificate(changes, session.configuration)
  const headers = await requestHeaders(flags)
  const common = {
    ...(who.authentication && {authentication: who.authentication}),
    ...(certificate && {certificate}),
    ...(flags['no-restart'] && {restarting: 'refuse' as const})
  }
  const whenLost = present({whenLost: flags.restart ? ('restart' as const) : undefined})
  const download = downloadOptions(flags)
  const isFound = flags.session === undefined && session.name !== 'shared'
  const isElsewhere = isFound && movesAway(remains, download.url)
  return {
    session,
    download: {
      ...download,
      ...whenLost,
      headers,
      options: {...common, ...download.options, ...(isElsewhere && {credentials: 'given' as const})}
    },
    upload: {...whenLost, headers, options: common},
    warnings: [
      ...(await warningsOf(flags, {who, session, gone: found.gone})),
      ...(isElsewhere ? [keepsToItself(session.name)] : []),
      ...missingSecrets(remains, {headers, authentication: who.authentication})
    ]
  }
}

async function sessionFound(flags: ResumeFlags, remains: readonly Remains[]): Promise<SessionFound> {
  const isNamed = flags.session !== undefined || flags.background !== undefined
  return isNamed ? {session: sessionName(flags), gone: []} : sessionOfResumeData(remains)
}

interface Circumstances {
  readonly who: AuthenticationArguments
  readonly session: SessionChoice
  readonly gone: readonly string[]
}

async function warningsOf(
  flags: ResumeFlags,
  {who, session, gone}: Circumstances
): Promise<readonly string[]> {
  return [
    ...who.warnings,
    ...(await netrcWarnings(flags)),
    ...session.warnings,
    ...gone.map(isGone),
    ...connectionWarnings(flags)
  ]
}

// Without its proxy and its login, the transfer would go on another way than it began.
function isGone(session: string): string {
  return `the session ${session} is gone, with its headers, login and proxy: the transfer goes on in shared; --session NAME chooses another`
}

/** Does the new address belong to another server than the one that the download was begun at? */
function movesAway(remains: readonly Remains[], to: URL | undefined): boolean {
  if (!to) return false
  return remains.some(({read}) => read && new URL(read.data.originalRequest.url).origin !== to.origin)
}

// The resume data named the session, the user only the address: nobody has said that one may know the secrets of the other.
function keepsToItself(session: string): string {
  return `--url: the address is at another server, so that no login, header or cookie of the session ${session} goes there; --session ${session} allows it`
}

function downloadOptions(flags: ResumeFlags): ResumeOptions {
  const checksums = readChecksums(flags).map(argument => {
    if (argument.kind === 'digest') return argument.checksum
    throw usageError('resume takes a digest, not the URL of a checksum file')
  })
  return {
    ...(flags.url === undefined ? {} : {url: parseAddress(flags.url)}),
    ...(flags['trust-resume-data'] ? {trust: 'foreign'} : {}),
    options: {
      ...(flags['if-exists'] === undefined ? {} : {ifExists: flags['if-exists']}),
      ...(flags['require-length'] ? {requireLength: true} : {}),
      ...(checksums.length > 0 ? {checksums} : {})
    }
  }
}
