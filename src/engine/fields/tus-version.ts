/** Versions of tus that a server speaks, the one it likes best first (tus 1.0.0, Tus-Version). */
export function parseTusVersion(value: string): readonly string[] {
  return value
    .split(',')
    .map(version => version.trim())
    .filter(version => /^\d+(?:\.\d+)*$/.test(version))
}
