const seconds = {d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001} as const

/** Seconds of "90", "1.5", "1m30s", "2h", "500ms", "7d". undefined = not a duration. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed)
  if (!/^(\d+(\.\d+)?(ms|[dhms]))+$/.test(trimmed)) return undefined
  let total = 0
  for (const [, count, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)) {
    total += Number(count) * seconds[unit as keyof typeof seconds]
  }
  return total
}
