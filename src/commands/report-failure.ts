import {adviceFor} from '../cli/advice.ts'
import {exitCodes} from '../cli/exit-codes.ts'
import type {OutputOptions} from '../cli/output-options.ts'
import {TransferError} from '../engine/index.ts'
import {jsonDocument} from '../ui/json-text.ts'
import {explainError} from '../ui/error-report.ts'
import {maskUrl} from '../ui/mask.ts'

/** A fault of ferry itself (EX_SOFTWARE of sysexits); no code of the contract. */
const unexpectedExitCode = 70

/** How a failure that ended the whole command is told. */
export interface FailureSpeech {
  readonly speech: OutputOptions['speech']
  /** json: also the document on standard output that a script waits for. */
  readonly format: OutputOptions['format']
}

/** Prints what failed, where, why and what to do next. Resolves to the exit code. */
export async function reportFailure(error: unknown, {speech, format}: FailureSpeech): Promise<number> {
  const failure = error instanceof TransferError ? error : unexpected(error)
  const exitCode = error instanceof TransferError ? exitCodes[error.code] : unexpectedExitCode
  const [what = '', ...more] = explainError(failure, adviceFor)
  if (speech !== 'nothing') process.stderr.write(`${[`ferry: ${what}`, ...more].join('\n')}\n`)
  if (format === 'json') {
    const {printable} = await import('../ui/printable.ts')
    const report = {code: failure.code, message: printable(failure.message), exitCode}
    process.stdout.write(jsonDocument({ok: false, tasks: [], error: report}))
  }
  return exitCode
}

const addressInText = /https?:\/\/[^\s"'<>]+/gi

function unexpected(error: unknown): {code: string; message: string; hint: string} {
  const message = error instanceof Error ? error.message : String(error)
  const where = error instanceof Error ? (error.stack?.split('\n')[1]?.trim() ?? '') : ''
  return {
    code: 'UNEXPECTED',
    message: `${message} ${where}`.trim().replace(addressInText, maskUrl),
    hint: 'This is a fault of ferry: please report it.'
  }
}
