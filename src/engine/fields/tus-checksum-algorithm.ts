/** Names of the algorithms that a server can check pieces with (tus 1.0.0, Tus-Checksum-Algorithm). */
export function parseTusChecksumAlgorithm(value: string): readonly string[] {
  const names = value.split(',').map(name => name.trim())
  return names.filter(name => /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name))
}
