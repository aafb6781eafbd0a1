/** What a host demands (RFC 6797, 6.1). */
export interface StrictTransportSecurity {
  /** Seconds; 0 takes the demand back. */
  readonly maxAge: number
  readonly includeSubDomains: boolean
}

const directive =
  /^\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*(?:=\s*(?:"([^"\\]*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z]+))\s*)?$/

/** Undefined for what RFC 6797 has ignored: no max-age, a directive twice, anything that is no directive. */
export function parseStrictTransportSecurity(value: string): StrictTransportSecurity | undefined {
  const found = new Map<string, string | undefined>()
  for (const part of value.split(';')) {
    if (part.trim() === '') continue
    const [, name, quoted, plain] = directive.exec(part) ?? []
    const key = name?.toLowerCase()
    if (key === undefined || found.has(key)) return undefined
    found.set(key, quoted ?? plain)
  }
  const maxAge = found.get('max-age')
  if (maxAge === undefined || !/^\d+$/.test(maxAge)) return undefined
  if (found.has('includesubdomains') && found.get('includesubdomains') !== undefined) return undefined
  return {maxAge: Number(maxAge), includeSubDomains: found.has('includesubdomains')}
}
