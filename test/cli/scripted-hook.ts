import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {scratchFolder} from '../scratch/scratch-folder.ts'

// Keeps what it is asked, a line each, and gives one answer after another, the last for ever.
const script = 'cat >>asked; n=$(grep -c . asked); head -n $n answers | tail -n 1'

/** A command that answers questions as the test says, and remembers them. */
export class ScriptedHook {
  readonly command: string
  readonly #folder = scratchFolder()

  constructor(...answers: readonly object[]) {
    const lines = answers.map(answer => `${JSON.stringify(answer)}\n`)
    writeFileSync(join(this.#folder, 'answers'), lines.join(''))
    this.command = `sh -c 'cd "$1"; ${script}' hook '${this.#folder}'`
  }

  /** The questions so far. */
  get asked(): readonly Record<string, unknown>[] {
    const file = join(this.#folder, 'asked')
    if (!existsSync(file)) return []
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    return lines.map(line => JSON.parse(line) as Record<string, unknown>)
  }
}
