/** One range of bytes, both ends included, as the words of `--range` and of RFC 9110, 14.1.2. */
export type ByteRange =
  | {readonly kind: 'between'; readonly first: number; readonly last: number}
  | {readonly kind: 'from'; readonly first: number}
  | {readonly kind: 'suffix'; readonly length: number}

/** The Range that asks for everything from an offset on. */
export function formatRangeFrom(offset: number): string {
  return formatRange({kind: 'from', first: offset})
}

/** The value of a Range field. Positions are safe integers, not below zero. */
export function formatRange(range: ByteRange): string {
  switch (range.kind) {
    case 'between':
      return `bytes=${range.first}-${range.last}`
    case 'from':
      return `bytes=${range.first}-`
    case 'suffix':
      return `bytes=-${range.length}`
  }
}

/** "0-499", "500-" or "-500". Undefined for a list, which is answered with multipart/byteranges, and for a range without a byte. */
export function parseRangeArgument(text: string): ByteRange | undefined {
  const match = /^(\d*)-(\d*)$/.exec(text)
  if (!match) return undefined
  const [head = '', tail = ''] = match.slice(1)
  const [first, last] = [Number(head), Number(tail)]
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return undefined
  if (head === '') return last > 0 ? {kind: 'suffix', length: last} : undefined
  if (tail === '') return {kind: 'from', first}
  return first <= last ? {kind: 'between', first, last} : undefined
}
