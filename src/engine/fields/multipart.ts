/** What a piece of a multipart body turns out to be. */
export type MultipartToken =
  /** A part begins; names are in lower case, one entry a line. */
  | {readonly kind: 'part'; readonly headers: readonly (readonly [string, string])[]}
  /** Content of the part that began last: a view of what was given, or bytes that had to wait. */
  | {readonly kind: 'data'; readonly bytes: Uint8Array}
  /** The part is whole: a boundary follows it. */
  | {readonly kind: 'partEnd'}
  /** The head of a part is longer than anybody needs; nothing is read after it. */
  | {readonly kind: 'tooLarge'}

const largestHead = 16 * 1024
const longestBoundary = 70
const lineFeed = 10
const carriageReturn = 13

/** RFC 2046, 5.1.1: 1 to 70 characters of a small set, and no blank at the end. */
export function isBoundary(text: string | undefined): text is string {
  return (
    text !== undefined && text.length <= longestBoundary && /^[\w'()+,./:=? -]*[\w'()+,./:=?-]$/.test(text)
  )
}

/**
 * Reads a multipart body in pieces of any size (RFC 2046, 5.1); every byte is looked at once. Lines may end with a lone
 * LF. Some cameras announce the delimiter where the boundary belongs: then a line that is the boundary itself counts.
 */
export class MultipartReader {
  #stage: 'preamble' | 'delimiterLine' | 'head' | 'content' | 'end' = 'preamble'
  #delimiters: readonly string[]
  /** What ends a part: a line feed and the delimiter. The return before it belongs to it too. */
  #seam: Uint8Array = new Uint8Array()
  #line = ''
  #headers: (readonly [string, string])[] = []
  #headSize = 0
  /** What of a seam the last bytes were, perhaps: a return, and so many bytes from its line feed on. */
  #held = {returns: 0, matched: 0, lineFeed: 'content' as 'content' | 'head'}
  #tokens: MultipartToken[] = []

  constructor(boundary: string) {
    this.#delimiters = boundary.startsWith('--') ? [`--${boundary}`, boundary] : [`--${boundary}`]
  }

  /** Has a part begun that no boundary has ended yet? */
  get isInPart(): boolean {
    return this.#stage === 'content'
  }

  /** What the next piece of the body holds, in order. */
  read(view: Uint8Array): readonly MultipartToken[] {
    this.#tokens = []
    let position = 0
    while (position < view.length && this.#stage !== 'end') {
      position =
        this.#stage === 'content' ? this.#readContent(view, position) : this.#readLine(view, position)
    }
    return this.#tokens
  }

  /** After the last piece: content that was held back in case a boundary would follow. */
  finish(): readonly MultipartToken[] {
    this.#tokens = []
    if (this.#stage === 'content') this.#releaseHeld()
    return this.#tokens
  }

  #readLine(view: Uint8Array, from: number): number {
    const end = view.indexOf(lineFeed, from)
    const stop = end < 0 ? view.length : end
    // Of other lines only the beginning matters.
    const limit = this.#stage === 'head' ? largestHead - this.#headSize : longestBoundary + 8
    for (let index = from; index < stop && this.#line.length <= limit; index++) {
      this.#line += String.fromCharCode(view[index] ?? 0)
    }
    if (this.#stage === 'head' && this.#line.length > limit) {
      this.#tokens.push({kind: 'tooLarge'})
      this.#stage = 'end'
    } else if (end >= 0) this.#endLine()
    return stop + 1
  }

  #endLine(): void {
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line
    this.#headSize += this.#line.length + 1
    this.#line = ''
    if (this.#stage === 'preamble') {
      const delimiter = this.#delimiters.find(each => line.startsWith(each))
      if (delimiter !== undefined) this.#chooseDelimiter(delimiter, line)
    } else if (this.#stage === 'delimiterLine') this.#afterDelimiter(line)
    else if (line === '') this.#beginContent()
    else this.#addField(line)
  }

  #chooseDelimiter(delimiter: string, line: string): void {
    this.#seam = Uint8Array.from(`\n${delimiter}`, character => character.charCodeAt(0))
    this.#afterDelimiter(line.slice(delimiter.length))
  }

  #afterDelimiter(rest: string): void {
    this.#stage = rest.startsWith('--') ? 'end' : 'head'
    this.#headers = []
    this.#headSize = 0
  }

  #addField(line: string): void {
    const last = this.#headers.at(-1)
    if (/^[ \t]/.test(line) && last)
      this.#headers[this.#headers.length - 1] = [last[0], `${last[1]} ${line.trim()}`]
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)[ \t]*:(.*)$/s.exec(line) ?? []
    if (name !== undefined && value !== undefined) this.#headers.push([name.toLowerCase(), value.trim()])
  }

  // A part without content: its delimiter follows the blank line of the head, and has no line ending of its own.
  #beginContent(): void {
    this.#tokens.push({kind: 'part', headers: this.#headers})
    this.#stage = 'content'
    this.#held = {returns: 0, matched: 1, lineFeed: 'head'}
  }

  #readContent(view: Uint8Array, from: number): number {
    // The first byte of this piece that was not given away, and where what is held begins if that is in this piece.
    let run = from
    let start: number | undefined
    for (let index = from; index < view.length;) {
      const byte = view[index]
      const {matched, returns} = this.#held
      const fits = matched > 0 ? byte === this.#seam[matched] : byte === lineFeed
      if (fits) {
        if (matched + returns === 0) start = index
        this.#held.matched += 1
        index += 1
        if (this.#held.matched < this.#seam.length) continue
        this.#give(view, {from: run, to: start ?? run})
        return this.#endPart(index)
      }
      if (matched + returns > 0) {
        if (start === undefined) {
          this.#releaseHeld()
          run = index
        } else this.#dropHeld()
        start = undefined
      } else if (byte === carriageReturn) {
        this.#held.returns = 1
        start = index
        index += 1
      } else index = nextLineEnding(view, index)
    }
    const isHeld = this.#held.matched + this.#held.returns > 0
    this.#give(view, {from: run, to: isHeld ? (start ?? run) : view.length})
    return view.length
  }

  #endPart(position: number): number {
    this.#tokens.push({kind: 'partEnd'})
    this.#stage = 'delimiterLine'
    this.#dropHeld()
    return position
  }

  #give(view: Uint8Array, {from, to}: {from: number; to: number}): void {
    if (to > from) this.#tokens.push({kind: 'data', bytes: view.subarray(from, to)})
  }

  /** What was held back is content after all. */
  #releaseHeld(): void {
    const {returns, matched, lineFeed: owner} = this.#held
    const bytes = [
      ...(returns > 0 ? [carriageReturn] : []),
      ...this.#seam.subarray(owner === 'head' ? 1 : 0, matched)
    ]
    if (bytes.length > 0) this.#tokens.push({kind: 'data', bytes: Uint8Array.from(bytes)})
    this.#dropHeld()
  }

  #dropHeld(): void {
    this.#held = {returns: 0, matched: 0, lineFeed: 'content'}
  }
}

function nextLineEnding(view: Uint8Array, from: number): number {
  const feed = view.indexOf(lineFeed, from)
  const end = feed < 0 ? view.length : feed
  return view[end - 1] === carriageReturn ? end - 1 : end
}
