import {onTestFinished} from 'vitest'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import type {ConfigurationChanges, TransferError} from '../../../src/engine/index.ts'
import {echo} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {RecordedSession, quick, recordedSession} from '../recorded-session.ts'

/** An origin whose /set sets these cookies and whose other paths say what they were asked. */
export async function cookieOrigin(
  lines: readonly string[],
  more: readonly [string, string][] = []
): Promise<Origin> {
  const origin = await startOrigin()
  origin.on('*', echo)
  origin.on('/set', (_request, reply) =>
    reply.respond(200, [...lines.map(line => ['Set-Cookie', line] as const), ...more], 'set')
  )
  onTestFinished(() => origin.close())
  return origin
}

/** What a session in memory sends to /echo after /set has set these cookies. */
export async function cookiesAfterSetting(
  lines: readonly string[],
  changes: ConfigurationChanges = {}
): Promise<string | undefined> {
  const origin = await cookieOrigin(lines)
  const recorded = recordedSession(changes)
  await recorded.get(origin.url('/set'))
  return cookiesSent(recorded, origin)
}

/** What a session sends to an origin in a new request. */
export async function cookiesSent(
  recorded: RecordedSession,
  origin: Origin,
  path = '/echo'
): Promise<string | undefined> {
  await recorded.get(origin.url(path))
  return origin.requestsOf(path).at(-1)?.header('cookie')
}

/** Addresses by which sessions reach an origin of this machine under other names. */
export function namesOf({port}: Origin, hosts: readonly string[]): ConfigurationChanges {
  return {network: {resolve: Object.fromEntries(hosts.map(host => [`${host}:${port}`, ['127.0.0.1']]))}}
}

interface Remembering {
  readonly name?: string
  readonly changes?: ConfigurationChanges
  readonly kind?: 'default' | 'ephemeral'
}

/** The state folder of one user: what one session leaves there, the next one finds. */
export class StateFolder {
  readonly folder: string
  readonly reports: TransferError[] = []

  constructor(folder = scratchFolder()) {
    this.folder = folder
  }

  session({name = 'shared', changes = {}, kind = 'default'}: Remembering = {}): RecordedSession {
    const stores = {folder: this.folder, report: (error: TransferError) => void this.reports.push(error)}
    const configuration = SessionConfiguration[kind](quick).with(changes)
    const recorded = new RecordedSession(configuration, {}, {name, stores})
    onTestFinished(() => recorded.session.invalidateAndCancel())
    return recorded
  }
}
