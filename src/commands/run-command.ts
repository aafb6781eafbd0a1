import type {FlagTable, FlagValues} from '../cli/flag-table.ts'
import {signalExitCodes} from '../cli/exit-codes.ts'
import {Interrupted} from '../cli/interrupted.ts'
import {speechOf} from '../cli/output-options.ts'
import {readWords} from '../cli/read-words.ts'
import type {ExplainFlag, Words} from '../cli/read-words.ts'
import {survivesClosedErrorOutput} from '../cli/standard-output.ts'
import {reportFailure} from './report-failure.ts'
import type {FailureSpeech} from './report-failure.ts'

export interface CommandWork<T extends FlagTable> {
  readonly argv: readonly string[]
  readonly flags: T
  readonly explain?: ExplainFlag
  readonly perform: (words: Words<T>) => Promise<number>
}

/** Reads the words, does the work, and tells whatever ended it before there was a task to tell it. */
export async function runCommand<T extends FlagTable>(work: CommandWork<T>): Promise<number | 'help'> {
  survivesClosedErrorOutput()
  let speech: FailureSpeech = {speech: 'all', format: work.argv.includes('--json') ? 'json' : 'paths'}
  // Node's own report shows the whole error, and with it addresses that nobody has masked.
  process.once('uncaughtException', fault => {
    void reportFailure(fault, speech).then(code => process.exit(code))
  })
  try {
    const words = readWords(work.argv, work.flags, work.explain)
    const given: FlagValues<FlagTable> = words.flags
    if (given['help']) return 'help'
    speech = {speech: speechOf(words.flags), format: given['json'] ? 'json' : 'paths'}
    return await work.perform(words)
  } catch (error) {
    if (error instanceof Interrupted) return signalExitCodes[error.signal]
    return reportFailure(error, speech)
  }
}
