import {stripVTControlCharacters} from 'node:util'
import {displayWidth} from './fit.ts'
import type {ProgressStream} from './progress.ts'

const eraseBelow = '\x1B[J'

/** The last lines of a terminal, drawn over and over. The cursor rests at the end of the last one. */
export class DrawingArea {
  readonly #stream: ProgressStream
  #lines: readonly string[] = []
  #columns = 0
  #isOpen = true

  constructor(stream: ProgressStream) {
    this.#stream = stream
  }

  get columns(): number {
    return this.#stream.columns ?? 80
  }

  get rows(): number {
    return this.#stream.rows ?? 24
  }

  /** Lines have to be printable and narrower than the terminal. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return
    if (this.#columns === this.columns && lines.join('\n') === this.#lines.join('\n')) return
    this.#write(this.#erasure() + lines.join('\n'))
    this.#lines = lines
    this.#columns = this.columns
  }

  /** Prints a line above what is drawn, to stay. */
  above(line: string): void {
    if (this.#isOpen) this.#write(`${this.#erasure()}${line}\n${this.#lines.join('\n')}`)
  }

  /** Takes the drawing away while something else writes whole lines to the same screen. */
  aside(write: () => void): void {
    if (!this.#isOpen || this.#lines.length === 0) return write()
    this.#write(this.#erasure())
    write()
    this.#write(this.#lines.join('\n'))
  }

  /** Erases what is drawn and stays silent from now on. */
  close(): void {
    if (this.#isOpen) this.#write(this.#erasure())
    this.#isOpen = false
  }

  #write(text: string): void {
    if (text !== '') this.#stream.write(text)
  }

  #erasure(): string {
    if (this.#lines.length === 0) return ''
    const up = this.#height() - 1
    return `\r${up > 0 ? `\x1B[${up}A` : ''}${eraseBelow}`
  }

  /** Most terminals wrap what is on the screen anew when they become narrower, so a line may be several now. */
  #height(): number {
    const columns = Math.max(1, this.columns)
    return this.#lines.reduce((rows, line) => {
      const width = displayWidth(stripVTControlCharacters(line))
      return rows + Math.max(1, Math.ceil(width / columns))
    }, 0)
  }
}
