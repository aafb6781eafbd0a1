/**
 * RFC 9110, 8.6: the length in bytes, from every Content-Length line of one reply. A length that is repeated
 * is one length; lengths that differ, and anything but decimal digits, are undefined: such a reply cannot be trusted.
 */
export function parseContentLength(values: readonly string[]): number | undefined {
  let length: number | undefined
  for (const item of values.flatMap(value => value.split(','))) {
    const digits = item.trim()
    if (!/^\d+$/.test(digits)) return undefined
    const candidate = Number(digits)
    if (!Number.isSafeInteger(candidate)) return undefined
    if (length !== undefined && length !== candidate) return undefined
    length = candidate
  }
  return length
}
