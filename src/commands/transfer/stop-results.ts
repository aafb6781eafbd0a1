import {adviceFor} from '../../cli/advice.ts'
import {batchExitCode, exitCodes} from '../../cli/exit-codes.ts'
import {speechOf} from '../../cli/output-options.ts'
import type {TaskRecord} from '../../control/task-record.ts'
import {TransferError} from '../../engine/index.ts'
import {explainError} from '../../ui/error-report.ts'
import {printable} from '../../ui/printable.ts'

/** What became of one task that was to be stopped. */
export type StopResult =
  {readonly id: string; readonly record: TaskRecord} | {readonly id: string; readonly error: TransferError}

export interface StopSpeech {
  readonly json?: true
  readonly quiet?: true
  readonly silent?: true
  readonly 'show-error'?: true
}

/** Does it for each of the tasks; one that fails does not keep the others from it. */
export async function stopEach(
  ids: readonly string[],
  stop: (id: string) => Promise<TaskRecord>
): Promise<readonly StopResult[]> {
  return Promise.all(
    ids.map(async id => {
      try {
        return {id, record: await stop(id)}
      } catch (error) {
        if (error instanceof TransferError) return {id, error}
        throw error
      }
    })
  )
}

/** Tells what became of the tasks; resume data goes to standard output, a path a line. Returns the exit code. */
export function reportStops(
  results: readonly StopResult[],
  flags: StopSpeech,
  sentence: (record: TaskRecord) => string
): number {
  const speech = speechOf(flags)
  const lines: string[] = []
  for (const result of results) {
    if ('record' in result) {
      if (speech === 'all') lines.push(printable(sentence(result.record)))
      if (!flags.json && result.record.state === 'paused' && result.record.resumeData)
        process.stdout.write(`${result.record.resumeData}\n`)
    } else if (speech !== 'nothing') {
      const [what = '', ...more] = explainError(result.error, adviceFor)
      lines.push(`ferry: ${what}`, ...more)
    }
  }
  if (lines.length > 0) process.stderr.write(`${lines.join('\n')}\n`)
  if (flags.json) process.stdout.write(stopDocument(results))
  return batchExitCode(results.map(result => ('error' in result ? exitCodes[result.error.code] : 0)))
}

function stopDocument(results: readonly StopResult[]): string {
  const tasks = results.flatMap(result => ('record' in result ? [result.record] : []))
  const errors = results.flatMap(result =>
    'error' in result
      ? [
          {
            id: result.id,
            code: result.error.code,
            message: result.error.message,
            exitCode: exitCodes[result.error.code]
          }
        ]
      : []
  )
  return `${JSON.stringify({ok: errors.length === 0, tasks, ...(errors.length > 0 ? {errors} : {})}, undefined, 2)}\n`
}
