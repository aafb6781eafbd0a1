/**
 * RFC 9112, 6.1, reduced to what can be trusted. Anything but exactly one "chunked" is refused: the parser below us
 * would hand over chunk framing or compressed bytes as if they were the content (security fact 6).
 */
export function parseTransferEncoding(value: string | undefined): 'none' | 'chunked' | 'refused' {
  if (value === undefined) return 'none'
  return value.trim().toLowerCase() === 'chunked' ? 'chunked' : 'refused'
}
