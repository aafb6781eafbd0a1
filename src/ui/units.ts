const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** Bytes for a person, 1024 to the step, at most four digits: "512 B", "1.5 MiB", "120 GiB". */
export function formatBytes(bytes: number): string {
  let amount = Math.max(0, bytes)
  let step = 0
  // 999.95 and not 1024: what would be written with four digits before the point goes up a unit.
  while (rounded(amount) >= 1000 && step < byteUnits.length - 1) {
    amount /= 1024
    step += 1
  }
  return `${step === 0 ? Math.round(amount) : rounded(amount)} ${byteUnits[step]}`
}

/** Bytes a second for a person: "5.9 MiB/s". */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** Milliseconds for a person, two units at most: "0.4s", "42s", "1m 30s", "2h 5m", "3d 4h". */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`
  const minutes = Math.round(whole / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)}d ${hours % 24}h`
}

/** How long bytes took, and their rate: "1.5s, 2 MiB/s". What takes no time to speak of has no rate either. */
export function pace(bytes: number, milliseconds: number): string {
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`
  return `${formatDuration(milliseconds)}, ${formatRate((bytes / milliseconds) * 1000)}`
}

function rounded(amount: number): number {
  return amount < 99.95 ? Math.round(amount * 10) / 10 : Math.round(amount)
}
