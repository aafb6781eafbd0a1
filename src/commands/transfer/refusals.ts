import {adviceFor} from '../../cli/advice.ts'
import {exitCodes} from '../../cli/exit-codes.ts'
import type {OutputOptions} from '../../cli/output-options.ts'
import type {TransferError} from '../../engine/index.ts'
import {explainError} from '../../ui/error-report.ts'
import {printable} from '../../ui/printable.ts'

/** A task of which something was asked, and why that was not done. */
export interface Refusal {
  /** As it was given. */
  readonly id: string
  readonly error: TransferError
}

/** An error as documents have it. */
export interface ErrorFacts {
  readonly code: string
  readonly message: string
  readonly exitCode: number
}

/** Says of each why, and what to do next. */
export function tellRefusals(refusals: readonly Refusal[], speech: OutputOptions['speech']): void {
  if (speech === 'nothing') return
  for (const {error} of refusals)
    process.stderr.write(`ferry: ${explainError(error, adviceFor).join('\n')}\n`)
}

/** What a document says of them: nothing where there are none. */
export function refusalFacts(refusals: readonly Refusal[]): {
  readonly errors?: readonly (ErrorFacts & Pick<Refusal, 'id'>)[]
} {
  return refusals.length === 0 ? {} : {errors: refusals.map(({id, error}) => ({id, ...factsOf(error)}))}
}

/** The same of what never became a task. */
export function errorFacts(errors: readonly TransferError[]): {readonly errors?: readonly ErrorFacts[]} {
  return errors.length === 0 ? {} : {errors: errors.map(factsOf)}
}

function factsOf({code, message}: TransferError): ErrorFacts {
  return {code, message: printable(message), exitCode: exitCodes[code]}
}

/** How each of them counts. */
export function refusalCodes(refusals: readonly Refusal[]): readonly number[] {
  return refusals.map(({error}) => exitCodes[error.code])
}
