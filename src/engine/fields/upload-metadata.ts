/**
 * What a server is told about an upload (tus 1.0.0, Upload-Metadata): keys, and values in base64 of UTF-8. Undefined for
 * nothing at all, and for a key that cannot be written.
 */
export function formatUploadMetadata(entries: ReadonlyMap<string, string>): string | undefined {
  const pairs = [...entries]
  if (pairs.length === 0 || pairs.some(([key]) => !/^[\x21-\x2B\x2D-\x7E]+$/.test(key))) return undefined
  return pairs.map(([key, value]) => (value === '' ? key : `${key} ${base64(value)}`)).join(',')
}

function base64(text: string): string {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)))
}
