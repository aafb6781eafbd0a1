import type {ProgressStream} from '../../src/ui/progress.ts'

const escape = '\x1B'
const sequence = new RegExp(`${escape}\\[\\d*[A-Za-z]|[^]`, 'g')
const upwards = new RegExp(`^${escape}\\[(\\d+)A$`)

/** A stream shaped like standard error that remembers what it was given, and draws it on a small screen. */
export class TerminalDouble implements ProgressStream {
  readonly isTTY: boolean
  columns: number
  rows: number
  written = ''
  #resize: (() => void) | undefined

  constructor(shape: {isTTY?: boolean; columns?: number; rows?: number} = {}) {
    this.isTTY = shape.isTTY ?? true
    this.columns = shape.columns ?? 80
    this.rows = shape.rows ?? 24
  }

  write(text: string): void {
    this.written += text
  }

  on(_event: 'resize', listener: () => void): void {
    this.#resize = listener
  }

  off(): void {
    this.#resize = undefined
  }

  resize(columns: number): void {
    this.columns = columns
    this.#resize?.()
  }

  get isWatched(): boolean {
    return this.#resize !== undefined
  }

  /** What a person sees: erasures and cursor movements applied, colours left out, no empty line at the end. */
  get screen(): readonly string[] {
    const lines = ['']
    let row = 0
    let column = 0
    for (const [token] of this.written.matchAll(sequence)) {
      const up = upwards.exec(token)
      if (up) row = Math.max(0, row - Number(up[1]))
      else if (token === '\r') column = 0
      else if (token === `${escape}[J`) lines.splice(row, lines.length, (lines[row] ?? '').slice(0, column))
      else if (token === '\n') [row, column] = [row + 1, 0]
      else if (!token.startsWith(escape)) {
        lines[row] = (lines[row] ?? '').slice(0, column) + token
        column += 1
      }
    }
    return lines.map(line => line ?? '').slice(0, lines.at(-1) === '' ? -1 : undefined)
  }
}
