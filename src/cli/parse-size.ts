const units = {'': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4} as const

/** Bytes of "500", "1.5M", "2g": 1024-based as curl has it. undefined = not a size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(text.trim())
  if (!match) return undefined
  const unit = (match[2] ?? '').toLowerCase() as keyof typeof units
  const bytes = Math.round(Number(match[1]) * units[unit])
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
