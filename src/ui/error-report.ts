import {maskUrl} from './mask.ts'
import {printable} from './printable.ts'

/** What is known of a failure; a TransferError is one. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly url?: string | undefined
  readonly method?: string | undefined
  /** The HTTP status, where one is the reason. */
  readonly status?: number | undefined
  /** Wins over the general advice of the code. */
  readonly hint?: string | undefined
  /** Beginning of the server's error page. */
  readonly body?: string | undefined
}

/** How much of a server's error page is worth showing, in bytes. */
const shownBody = 1024

/** The lines of an error: what failed and where, why, and what to do next. Safe to print. */
export function explainError(
  failure: Failure,
  advice: (code: string, status?: number) => string | undefined
): readonly string[] {
  const why = `${printable(failure.message)} (${failure.code})`
  const next = failure.hint ?? advice(failure.code, failure.status)
  return [
    ...(!failure.url
      ? [`Failed: ${why}`]
      : [`Failed: ${failure.method ?? 'GET'} ${printable(maskUrl(failure.url))}`, `Why: ${why}`]),
    ...bodyLines(failure.body),
    ...(next === undefined ? [] : [`Next: ${printable(next)}`])
  ]
}

function bodyLines(body: string | undefined): readonly string[] {
  if (body === undefined || !isText(body)) return []
  const bytes = Buffer.from(body)
  // The cut may go through a character; what is left of it decodes to U+FFFD.
  const beginning = bytes
    .subarray(0, shownBody)
    .toString()
    .replace(/\uFFFD+$/, '')
  const lines = beginning.trim().split(/\r\n|\r|\n/)
  return [
    bytes.length > shownBody ? 'The answer begins:' : 'The answer says:',
    ...lines.map(line => `  ${printable(line.replaceAll('\t', '    '))}`.trimEnd())
  ]
}

/** Compressed or binary content decodes to control and replacement characters. */
function isText(body: string): boolean {
  if (body.trim() === '' || body.includes('\0')) return false
  const strange = body.match(/(?!\s)[\p{Cc}\uFFFD]/gu)?.length ?? 0
  return strange <= Math.max(1, body.length / 20)
}
