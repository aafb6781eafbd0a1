import {parseDictionary} from './structured-field.ts'

/** What a server allows an upload; sizes are bytes, the age is in seconds from the answer on. */
export interface UploadLimit {
  readonly maxSize?: number
  readonly minSize?: number
  readonly maxAppendSize?: number
  readonly minAppendSize?: number
  readonly maxAge?: number
}

/** Under which key a dialect of the draft says how long an upload is kept; the first one counts. */
export type AgeKeys = readonly ('max-age' | 'expires')[]

const sizes = [
  ['maxSize', 'max-size'],
  ['minSize', 'min-size'],
  ['maxAppendSize', 'max-append-size'],
  ['minAppendSize', 'min-append-size']
] as const

/**
 * draft-ietf-httpbis-resumable-upload, Upload-Limit. Unknown keys are passed over; a known one whose value is no number
 * of bytes or seconds voids the whole field (undefined).
 */
export function parseUploadLimit(value: string, ageKeys: AgeKeys = ['max-age']): UploadLimit | undefined {
  const members = parseDictionary(value)
  if (!members) return undefined
  const limit: {-readonly [K in keyof UploadLimit]: UploadLimit[K]} = {}
  for (const [name, key] of [...sizes, ...ageKeys.map(key => ['maxAge', key] as const)]) {
    const member = members.get(key)
    if (!member) continue
    if (member.kind !== 'integer' || member.value < 0) return undefined
    limit[name] ??= member.value
  }
  return limit
}
