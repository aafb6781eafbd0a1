// Blocks whose characters take two columns (Unicode Standard Annex 11, W and F), and what draws as an emoji.
const wide =
  /^(?:[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{17000}-\u{18CFF}\u{1B000}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}|.\uFE0F)/u
const invisible = /^[\p{Mark}\p{Cf}\u115F\u1160]+$/u

/** Columns that a text without control characters takes on a terminal. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7E]*$/.test(text)) return text.length
  let width = 0
  for (const grapheme of graphemesOf(text)) width += graphemeWidth(grapheme)
  return width
}

/** Shortens a text to a number of columns, taking from the middle: a name's beginning and its ending tell the most. */
export function truncateMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  if (columns < 1) return ''
  const graphemes = graphemesOf(text)
  const tail = take(graphemes.toReversed(), Math.floor((columns - 1) / 2)).toReversed()
  const head = take(graphemes, columns - 1 - displayWidth(tail.join('')))
  return `${head.join('')}…${tail.join('')}`
}

/** Cuts a text off at a number of columns. */
export function truncateEnd(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  if (columns < 1) return ''
  const graphemes = graphemesOf(text)
  return `${take(graphemes, columns - 1).join('')}…`
}

function take(graphemes: readonly string[], columns: number): readonly string[] {
  let width = 0
  const end = graphemes.findIndex(grapheme => {
    width += graphemeWidth(grapheme)
    return width > columns
  })
  return end === -1 ? graphemes : graphemes.slice(0, end)
}

function graphemeWidth(grapheme: string): number {
  if (invisible.test(grapheme)) return 0
  return wide.test(grapheme) ? 2 : 1
}

// Made when needed: a segmenter brings tables that a run without such names never pays for.
function graphemesOf(text: string): readonly string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({segment}) => segment)
}
