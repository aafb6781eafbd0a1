import type {HeaderField, TaskAuthentication} from '../../engine/index.ts'
import {isUpload} from '../transfer/remains.ts'
import type {Remains} from '../transfer/remains.ts'

/** What a command line brings of what servers may want to see. */
export interface Brought {
  readonly headers: readonly HeaderField[]
  readonly authentication: TaskAuthentication | undefined
}

/** Resume data holds no secrets: names the headers that an upload was begun with and that nobody has given again. */
export function missingSecrets(remains: readonly Remains[], brought: Brought): readonly string[] {
  const given = new Set(brought.headers.map(([name]) => name.toLowerCase()))
  if (brought.authentication) given.add('authorization')
  const missing = new Map<string, string>()
  for (const {read} of remains.filter(isUpload)) {
    for (const name of read?.data.originalRequest.omittedHeaders ?? [])
      if (!given.has(name.toLowerCase())) missing.set(name.toLowerCase(), name)
  }
  if (missing.size === 0) return []
  const flags = [
    '-H',
    ...(missing.has('cookie') ? ['-b'] : []),
    ...(missing.has('authorization') ? ['-u'] : [])
  ]
  const names = listed([...missing.values()], 'and')
  const again = `again with ${listed(flags, 'or')}`
  return missing.size === 1
    ? [`${names} was given with the upload, and is not stored: give it ${again}`]
    : [`${names} were given with the upload, and are not stored: give them ${again}`]
}

function listed(words: readonly string[], conjunction: 'and' | 'or'): string {
  const [last = ''] = words.slice(-1)
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${conjunction} ${last}`
}
