import {adviceFor} from '../../cli/advice.ts'
import {batchExitCode, exitCodes} from '../../cli/exit-codes.ts'
import {speechOf} from '../../cli/output-options.ts'
import {TransferError} from '../../engine/index.ts'
import {explainError} from '../../ui/error-report.ts'
import {printable} from '../../ui/printable.ts'
import {openControlDesk} from '../transfer/control-desk.ts'
import type {StopSpeech} from '../transfer/stop-results.ts'

type Result =
  {readonly id: string; readonly background: string} | {readonly id: string; readonly error: TransferError}

/** Has the background service go on with running tasks; prints the ids under which they do. Resolves to the exit code. */
export async function handOver(ids: readonly string[], flags: StopSpeech): Promise<number> {
  const results: Result[] = []
  // One after another: the first may have to start the service.
  for (const id of ids) results.push(await handOverOne(id))
  const speech = speechOf(flags)
  for (const result of results) {
    if ('background' in result) {
      const {id, background} = result
      if (!flags.json) process.stdout.write(`${background}\n`)
      if (speech === 'all')
        process.stderr.write(printable(`${id} goes on as ${background}: ferry wait ${background}`) + '\n')
    } else if (speech !== 'nothing') {
      process.stderr.write(`ferry: ${explainError(result.error, adviceFor).join('\n')}\n`)
    }
  }
  if (flags.json) process.stdout.write(documentOf(results))
  return batchExitCode(results.map(result => ('error' in result ? exitCodes[result.error.code] : 0)))
}

async function handOverOne(id: string): Promise<Result> {
  try {
    return {id, background: await openControlDesk().client.handOver(id)}
  } catch (error) {
    if (error instanceof TransferError) return {id, error}
    throw error
  }
}

function documentOf(results: readonly Result[]): string {
  const tasks = results.filter(result => 'background' in result)
  const failures = results.filter(result => 'error' in result)
  const errors = failures.map(({id, error: {code, message}}) => ({
    id,
    code,
    message: printable(message),
    exitCode: exitCodes[code]
  }))
  const document = {ok: errors.length === 0, tasks, ...(errors.length > 0 ? {errors} : {})}
  return `${JSON.stringify(document, undefined, 2)}\n`
}
