import {headerValue} from '../engine/index.ts'
import type {URLResponse} from '../engine/index.ts'
import {sizeOf} from './flag-values.ts'
import type {GetFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'

/** Does this response belong into a file rather than onto standard output? */
export type SavingRule = (response: URLResponse) => boolean

// RFC 9110, 8.3.1: both parts are tokens.
const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/
const suffix = /^\+[\w!#$%&'*.^`|~-]+$/

/** Reads --download-if and --download-over: one of them is enough. Undefined where neither was given. */
export function savingRule(flags: GetFlags): SavingRule | undefined {
  const patterns = (flags['download-if'] ?? []).map(readPattern)
  const over = flags['download-over']
  const limit = over === undefined ? Infinity : sizeOf('--download-over', over)
  if (patterns.length === 0 && over === undefined) return undefined
  return response =>
    (response.expectedContentLength ?? 0) > limit ||
    patterns.some(pattern => isOfType(typeOf(response), pattern))
}

function readPattern(text: string): string {
  if (mediaType.test(text) || suffix.test(text)) return text.toLowerCase()
  throw usageError('--download-if needs a type such as image/png, image/* or +zip')
}

// RFC 9110, 8.3: content without a type is a sequence of bytes.
function typeOf({headers}: URLResponse): string {
  const [type = ''] = (headerValue(headers, 'content-type') ?? '').split(';')
  return type.trim().toLowerCase() || 'application/octet-stream'
}

function isOfType(type: string, pattern: string): boolean {
  if (pattern === '*/*') return true
  if (pattern.startsWith('+')) return type.endsWith(pattern)
  return pattern.endsWith('/*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern
}
