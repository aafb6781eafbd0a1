import type {HeaderField} from '../engine/index.ts'
import {cookieLine, isCookie} from './cookie-arguments.ts'
import {readHeaders} from './header-argument.ts'
import type {TransferFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

/** Reads -H, -A, -e and -b. In the result an empty value leaves a header out. */
export async function requestHeaders(flags: TransferFlags): Promise<readonly HeaderField[]> {
  const given = await readHeaders(flags.header ?? [])
  const headers: HeaderField[] = []
  if (flags['user-agent'] !== undefined) headers.push(['User-Agent', flags['user-agent']])
  if (flags.referer !== undefined) headers.push(['Referer', flags.referer.replace(/;auto$/, '')])
  const cookies = await cookieLine(flags.cookie ?? [])
  if (cookies !== undefined) headers.push(['Cookie', cookies])
  const named = new Set(given.map(each => (each.kind === 'absent' ? each.name : each.field[0]).toLowerCase()))
  // -H wins over the flags that mean the same header, as in curl.
  return [...headers.filter(([name]) => !named.has(name.toLowerCase())), ...given.map(asField)]
}

type Given = Awaited<ReturnType<typeof readHeaders>>[number]

// A single blank is an empty value on the wire; really empty, it would leave the header out.
function asField(given: Given): HeaderField {
  if (given.kind === 'absent') return [given.name, '']
  const [name, value] = given.field
  return [name, value === '' ? ' ' : value]
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
