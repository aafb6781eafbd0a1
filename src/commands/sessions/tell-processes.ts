import {adviceFor} from '../../cli/advice.ts'
import {batchExitCode, exitCodes} from '../../cli/exit-codes.ts'
import {speechOf} from '../../cli/output-options.ts'
import type {ResultSpeech} from '../../cli/output-options.ts'
import {usageError} from '../../cli/usage-error.ts'
import type {SessionAnswers} from '../../control/session-client.ts'
import {explainError} from '../../ui/error-report.ts'
import {printable} from '../../ui/printable.ts'
import {jsonDocument} from '../../ui/json-text.ts'

/** What a command did to a session, here and in the processes that have it. */
export interface SessionResult {
  readonly session: string
  /** What a person reads when all is well. */
  readonly sentence: string
  readonly answers: SessionAnswers
}

/** Nobody was asked. */
export const nobody: SessionAnswers = {processes: [], silent: [], failures: []}

/** The one name a command is about. Throws USAGE for several, and for none where there is no default. */
export function nameOf(operands: readonly string[], fallback?: string): string {
  const [name = fallback, ...more] = operands
  if (name === undefined) throw usageError('Name the session', 'ferry sessions lists them.')
  if (more.length > 0) throw usageError('One session at a time')
  return name
}

/** Prints a warning for a person. */
export function warner(given: ResultSpeech): (sentence: string) => void {
  return sentence => {
    if (speechOf(given) === 'all') process.stderr.write(`warning: ${printable(sentence)}\n`)
  }
}

/** Tells what came of it. Returns the exit code: that of the processes that failed, if any did. */
export function reportSession({session, sentence, answers}: SessionResult, given: ResultSpeech): number {
  const {processes, silent, failures} = answers
  const warn = warner(given)
  const speech = speechOf(given)
  const number = (count: number): string => (count === 1 ? '1 running process' : `${count} running processes`)
  if (speech === 'all' && !given.json) {
    const told = processes.length === 0 ? 'no running process has it' : `${number(processes.length)} told`
    process.stderr.write(`${printable(`${sentence}; ${told}`)}\n`)
  }
  for (const pid of silent) warn(`process ${pid} does not answer; if it has the session, it was not told`)
  if (speech !== 'nothing') {
    for (const {pid, error} of failures) {
      process.stderr.write(`ferry: process ${pid}: ${explainError(error, adviceFor).join('\n')}\n`)
    }
  }
  if (given.json) process.stdout.write(documentOf(session, answers))
  return batchExitCode(failures.map(({error}) => exitCodes[error.code]))
}

function documentOf(session: string, {processes, silent, failures}: SessionAnswers): string {
  const errors = failures.map(({pid, error: {code, message}}) => ({
    pid,
    code,
    message: printable(message),
    exitCode: exitCodes[code]
  }))
  return jsonDocument({ok: errors.length === 0, session, processes, silent, errors})
}
