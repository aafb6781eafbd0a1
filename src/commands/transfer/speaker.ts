import {adviceFor} from '../../cli/advice.ts'
import type {OutputOptions} from '../../cli/output-options.ts'
import type {Task, TaskOutcome, TransferError} from '../../engine/index.ts'
import {explainError} from '../../ui/error-report.ts'
import {printable} from '../../ui/printable.ts'

/** A task's end that went wrong. */
export interface Failed {
  readonly error: TransferError
  readonly task?: Task
  readonly outcome?: TaskOutcome
}

/** Whole reports beyond this many would bury each other; every task's own line and --json have the rest. */
const mostReports = 10

/** Says things to a person, as much as was asked for. Lines must be printable. */
export class Speaker {
  readonly #speech: OutputOptions['speech']
  readonly #write: (line: string) => void

  constructor(speech: OutputOptions['speech'], write: (line: string) => void) {
    this.#speech = speech
    this.#write = write
  }

  warn(message: string): void {
    if (this.#speech === 'all') this.#write(`warning: ${printable(message)}`)
  }

  /** For what the user asked to see (-v). */
  show(line: string): void {
    if (this.#speech !== 'nothing') this.#write(line)
  }

  fail(failures: readonly Failed[]): void {
    if (this.#speech === 'nothing') return
    for (const failed of failures.slice(0, mostReports)) this.#explain(failed)
    const rest = failures.length - mostReports
    if (rest > 0) this.#write(`ferry: and ${rest} more failed; --json tells of each`)
  }

  #explain({error, task, outcome}: Failed): void {
    const address = task?.currentRequest
    const facts = {
      ...error,
      message: error.message,
      url: error.url ?? address?.url.href,
      method: error.method ?? address?.method
    }
    const [what = '', ...more] = explainError(facts, adviceFor)
    this.#write(`ferry: ${what}`)
    for (const line of more) this.#write(line)
    if (task && outcome?.resumeData !== undefined) {
      this.#write(`Kept: ${task.countOfBytesReceived} bytes; continue with: ferry resume ${task.id}`)
    }
  }
}
