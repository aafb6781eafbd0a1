/** RFC 9110, 14.3. Undefined where only other units are named, or where "none" stands beside a unit. */
export function parseAcceptRanges(value: string): 'bytes' | 'none' | undefined {
  const units = new Set(value.split(',').map(unit => unit.trim().toLowerCase()))
  units.delete('')
  if (units.has('none')) return units.size === 1 ? 'none' : undefined
  return units.has('bytes') ? 'bytes' : undefined
}
