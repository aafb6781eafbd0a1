import type {HeaderField} from '../engine/index.ts'
import {cookieLine, isCookie} from './cookie-arguments.ts'
import {readHeaders} from './header-argument.ts'
import {askSecret, readSecret} from './secret-argument.ts'
import type {TransferFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

/** The headers that the flags ask for, and what a person should be told about them. */
export interface RequestHeaders {
  readonly headers: readonly HeaderField[]
  readonly warnings: readonly string[]
}

/** Reads -H, -A, -e, -b, -u and --oauth2-bearer. In the result an empty value leaves a header out. */
export async function requestHeaders(flags: TransferFlags): Promise<RequestHeaders> {
  const given = await readHeaders(flags.header ?? [])
  const {credentials, warnings} = await authorization(flags)
  const headers: HeaderField[] = []
  if (flags['user-agent'] !== undefined) headers.push(['User-Agent', flags['user-agent']])
  if (flags.referer !== undefined) headers.push(['Referer', flags.referer.replace(/;auto$/, '')])
  const cookies = await cookieLine(flags.cookie ?? [])
  if (cookies !== undefined) headers.push(['Cookie', cookies])
  if (credentials !== undefined) headers.push(['Authorization', credentials])
  const named = new Set(given.map(each => (each.kind === 'absent' ? each.name : each.field[0]).toLowerCase()))
  return {
    // -H wins over the flags that mean the same header, as in curl.
    headers: [...headers.filter(([name]) => !named.has(name.toLowerCase())), ...given.map(asField)],
    warnings
  }
}

type Given = Awaited<ReturnType<typeof readHeaders>>[number]

// A single blank is an empty value on the wire; really empty, it would leave the header out.
function asField(given: Given): HeaderField {
  if (given.kind === 'absent') return [given.name, '']
  const [name, value] = given.field
  return [name, value === '' ? ' ' : value]
}

async function authorization(
  flags: TransferFlags
): Promise<{credentials: string | undefined; warnings: readonly string[]}> {
  const {'oauth2-bearer': bearer} = flags
  // curl wants a name to be given, and takes this one for nobody's.
  const user = flags.negotiate && flags.user === ':' ? undefined : flags.user
  if (user !== undefined && bearer !== undefined) {
    throw usageError('-u and --oauth2-bearer exclude each other')
  }
  const [flag, given] = user === undefined ? ['--oauth2-bearer', bearer] : ['-u', user]
  if (given === undefined) return {credentials: undefined, warnings: []}
  const secret = await readSecret(flag, given)
  const isExposed = secret.exposure === 'commandLine' && (user === undefined || secret.value.includes(':'))
  const warnings = isExposed
    ? [`${flag}: a secret on the command line can be seen in the process list; @FILE, env:NAME or - hide it`]
    : []
  return {credentials: user === undefined ? `Bearer ${secret.value}` : await basic(secret.value), warnings}
}

// RFC 7617: the name cannot contain a colon; without one the password is missing.
async function basic(pair: string): Promise<string> {
  const whole = pair.includes(':') ? pair : `${pair}:${await askSecret(`Password for ${pair}`)}`
  return `Basic ${Buffer.from(whole).toString('base64')}`
}

/** Refuses to spread one secret over several origins: it was given for one (security P5). */
export function assertOneOrigin(flags: TransferFlags, addresses: readonly URL[]): void {
  const origins = new Set(addresses.map(({origin}) => origin))
  if (origins.size < 2) return
  const flag = flags.user
    ? '-u'
    : flags['oauth2-bearer']
      ? '--oauth2-bearer'
      : flags.cookie?.some(isCookie)
        ? '-b'
        : undefined
  if (flag === undefined) return
  throw usageError(
    `${flag} is for one origin, but the URLs name ${origins.size}`,
    'Run ferry once for each origin, or name the header with -H if all of them may see it.'
  )
}
