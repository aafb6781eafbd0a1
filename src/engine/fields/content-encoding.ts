/** More codings than this are an attack, not compression (CVE-2026-22036). */
export const mostContentCodings = 5

const aliases: ReadonlyMap<string, string> = new Map([
  ['x-gzip', 'gzip'],
  ['x-compress', 'compress']
])

/** RFC 9110, 8.4: the codings in the order they were applied, in lower case, without "identity"; unknown ones are kept for the caller to refuse. */
export function parseContentEncoding(values: readonly string[]): readonly string[] {
  return values
    .flatMap(value => value.split(','))
    .map(coding => coding.trim().toLowerCase())
    .filter(coding => coding !== '' && coding !== 'identity')
    .map(coding => aliases.get(coding) ?? coding)
}
