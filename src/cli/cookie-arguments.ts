import {stat} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {TransferError} from '../engine/index.ts'
import type {ConfigurationChanges} from '../engine/index.ts'
import {present} from './present.ts'
import {readSecret} from './secret-argument.ts'
import type {TransferFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

/** The Cookie header that -b asks for: literals and references, not files. Undefined where it names none. */
export async function cookieLine(given: readonly string[]): Promise<string | undefined> {
  const cookies: string[] = []
  for (const each of given.filter(isCookie)) {
    // A literal may begin like a reference: @ is no sign of one where NAME=VALUE follows.
    const value = isReference(each) ? (await readSecret('-b', each)).value : each
    if (!value.includes('=')) throw usageError(`-b ${each} does not lead to NAME=VALUE`)
    cookies.push(value.trim().replace(/;$/, ''))
  }
  return cookies.length === 0 ? undefined : cookies.join('; ')
}

/** Is this a cookie for the origin of the URL, and not a file that says itself for whom its cookies are? */
export function isCookie(given: string): boolean {
  return given.includes('=') || isReference(given)
}

/**
 * What -b FILE and --cookie-jar change of the configuration. Paths become absolute. Rejects with READ_FAILED for a file
 * that is not there, with WRITE_FAILED where the jar could not be written in the end.
 */
export async function cookieChanges({
  cookie = [],
  'cookie-jar': jar
}: Pick<TransferFlags, 'cookie' | 'cookie-jar'>): Promise<NonNullable<ConfigurationChanges['cookies']>> {
  // An empty one only switches curl's cookies on, which are on here.
  const files = cookie.filter(each => each !== '' && !isCookie(each)).map(path => resolve(path))
  // The jar is read first anyway, where it is there: -b F beside it is how curl has to be told so.
  const sources = files.filter(path => jar === undefined || path !== resolve(jar))
  for (const path of sources) await assertFile(path)
  return present({
    sources: sources.length === 0 ? undefined : sources,
    jar: jar === undefined ? undefined : await jarPath(jar)
  })
}

function isReference(given: string): boolean {
  return given === '-' || /^(@|env:)[^=]*$/.test(given)
}

async function assertFile(path: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined)
  if (facts?.isFile()) return
  throw new TransferError(
    'READ_FAILED',
    `The cookie file ${path} of -b ${facts ? 'is no file' : 'is not there'}`,
    {
      hint: 'Name a file in Netscape format; a cookie itself is NAME=VALUE.'
    }
  )
}

async function jarPath(given: string): Promise<string> {
  if (given === '' || given === '-') {
    throw usageError(
      '--cookie-jar needs a file: standard output is for paths or data',
      'Name a file and print it afterwards.'
    )
  }
  const path = resolve(given)
  const folder = await stat(dirname(path)).catch(() => undefined)
  if (!folder?.isDirectory()) {
    throw new TransferError('WRITE_FAILED', `The folder of the cookie file ${path} is not there`, {
      hint: 'Make the folder first, or name another file with --cookie-jar.'
    })
  }
  return path
}
