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
  const known = isWithoutFolder(error) ? withoutFolder(error) : error
  const failure = known instanceof TransferError ? known : unexpected(known)
  const exitCode = known instanceof TransferError ? exitCodes[known.code] : unexpectedExitCode
  const [what = '', ...more] = explainError(failure, adviceFor)
  if (speech !== 'nothing') process.stderr.write(`${[`ferry: ${what}`, ...more].join('\n')}\n`)
  if (format === 'json') {
    const {printable} = await import('../ui/printable.ts')
    const report = {code: failure.code, message: printable(failure.message), exitCode}
    process.stdout.write(jsonDocument({ok: false, tasks: [], error: report}))
  }
  return exitCode
}

// Whoever needs the current folder first meets this: no one place can look before.
function isWithoutFolder(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd'
}

function withoutFolder(cause: unknown): TransferError {
  return new TransferError('WRITE_FAILED', 'The current folder is not there any more', {
    cause,
    hint: 'Change into a folder that is there, and say it again.'
  })
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
