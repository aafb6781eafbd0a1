/** What a server of tus can do beside the core protocol (tus 1.0.0, Tus-Extension): names in lower case. */
export function parseTusExtension(value: string): ReadonlySet<string> {
  const names = value.split(',').map(name => name.trim().toLowerCase())
  return new Set(names.filter(name => name !== ''))
}
