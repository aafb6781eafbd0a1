/** One way in that a server or proxy offers (RFC 9110, 11.3 and 11.6.1). */
export interface Challenge {
  /** As it was written; compare it without regard to case. */
  readonly scheme: string
  readonly token68: string | undefined
  /** By name in lower case; of one that comes twice, the first. Values are unquoted, untrusted text. */
  readonly parameters: ReadonlyMap<string, string>
}

// Nobody offers more; whoever sends more wants our time.
const mostChallenges = 32
const mostParameters = 64

const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const blank = /[ \t]*/y
const separators = /[ \t,]*/y
const token68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
const plainQuoted = /[^"\\]*/y
// What no rule of the grammar begins with: on to the next comma.
const junk = /[^,"]*/y

interface OpenChallenge {
  readonly scheme: string
  token68: string | undefined
  readonly parameters: Map<string, string>
}

/**
 * The challenges of all WWW-Authenticate (or Proxy-Authenticate) lines, in their order. What cannot be read is left out,
 * the rest is kept. Never throws, and takes time in proportion to the text.
 */
export function parseChallenges(values: readonly string[]): readonly Challenge[] {
  const challenges: OpenChallenge[] = []
  for (const value of values) readLine(new Cursor(value), challenges)
  return challenges
}

function readLine(cursor: Cursor, challenges: OpenChallenge[]): void {
  let open: OpenChallenge | undefined
  for (cursor.take(separators); !cursor.isAtEnd; cursor.take(separators)) {
    const word = cursor.take(token)
    if (word === '') {
      cursor.skipJunk()
      continue
    }
    const gap = cursor.take(blank)
    if (cursor.takeEquals()) {
      const parameter = cursor.takeValue()
      if (open) addParameter(open, [word, parameter])
      continue
    }
    if (challenges.length === mostChallenges) return
    open = {scheme: word, token68: undefined, parameters: new Map()}
    challenges.push(open)
    if (gap !== '') open.token68 = cursor.take(token68) || undefined
  }
}

function addParameter({parameters}: OpenChallenge, [name, value]: readonly [string, string]): void {
  const key = name.toLowerCase()
  if (!parameters.has(key) && parameters.size < mostParameters) parameters.set(key, value)
}

/** A place in a text that only moves forward. */
class Cursor {
  readonly #text: string
  #position = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#text.length
  }

  /** What the pattern (sticky) finds here; empty when it finds nothing. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.#position
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#position += found.length
    return found
  }

  takeEquals(): boolean {
    if (this.#text[this.#position] !== '=') return false
    this.#position += 1
    this.take(blank)
    return true
  }

  takeValue(): string {
    return this.#text[this.#position] === '"' ? this.#takeQuoted() : this.take(token)
  }

  skipJunk(): void {
    if (this.#text[this.#position] === '"') this.#takeQuoted()
    else this.take(junk)
  }

  // A string that nobody closes goes to the end: looking for another reading would take a second look at every byte.
  #takeQuoted(): string {
    const pieces: string[] = []
    this.#position += 1
    while (!this.isAtEnd) {
      pieces.push(this.take(plainQuoted))
      const escaped = this.#text[this.#position] === '\\'
      if (escaped) pieces.push(this.#text[this.#position + 1] ?? '')
      this.#position += escaped ? 2 : 1
      if (!escaped) break
    }
    return pieces.join('')
  }
}
