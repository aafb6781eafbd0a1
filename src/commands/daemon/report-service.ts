import {speechOf} from '../../cli/output-options.ts'
import type {ResultSpeech} from '../../cli/output-options.ts'
import {printAnswer} from '../../cli/standard-output.ts'
import {printable} from '../../ui/printable.ts'
import {jsonDocument} from '../../ui/json-text.ts'

/** What was done to the service, and what is left for the person to do. */
export interface ServiceReport {
  readonly done: readonly string[]
  readonly next: readonly string[]
}

/** Prints it. Resolves to the exit code. */
export async function reportService({done, next}: ServiceReport, given: ResultSpeech): Promise<number> {
  if (given.json) await printAnswer(jsonDocument({ok: true, done, next}))
  else if (speechOf(given) === 'all')
    await printAnswer([...done, ...next].map(line => `${printable(line)}\n`).join(''))
  return 0
}
