import {batchExitCode} from '../../cli/exit-codes.ts'
import {speechOf} from '../../cli/output-options.ts'
import type {ResultSpeech} from '../../cli/output-options.ts'
import type {TaskRecord} from '../../control/task-record.ts'
import {TransferError} from '../../engine/index.ts'
import {jsonDocument} from '../../ui/json-text.ts'
import {printable} from '../../ui/printable.ts'
import {refusalCodes, refusalFacts, tellRefusals} from './refusals.ts'
import type {Refusal} from './refusals.ts'

/** What became of one task that was to be stopped. */
export type StopResult = {readonly id: string; readonly record: TaskRecord} | Refusal

// A process takes 64 clients, and this is not the only command.
const atOnce = 16

/** Does it for each of the tasks, some at a time; one that fails does not keep the others from it. */
export async function stopEach(
  ids: readonly string[],
  stop: (id: string) => Promise<TaskRecord>
): Promise<readonly StopResult[]> {
  const results: StopResult[] = []
  for (let start = 0; start < ids.length; start += atOnce) {
    const some = ids.slice(start, start + atOnce)
    results.push(...(await Promise.all(some.map(id => stopOne(id, stop)))))
  }
  return results
}

async function stopOne(id: string, stop: (id: string) => Promise<TaskRecord>): Promise<StopResult> {
  try {
    return {id, record: await stop(id)}
  } catch (error) {
    if (error instanceof TransferError) return {id, error}
    throw error
  }
}

/** Tells what became of the tasks; resume data goes to standard output, a path a line. Returns the exit code. */
export function reportStops(
  results: readonly StopResult[],
  flags: ResultSpeech,
  sentence: (record: TaskRecord) => string
): number {
  const records = results.flatMap(result => ('record' in result ? [result.record] : []))
  const refusals = results.filter(result => 'error' in result)
  const speech = speechOf(flags)
  for (const record of records) {
    if (speech === 'all') process.stderr.write(`${printable(sentence(record))}\n`)
    if (!flags.json && !flags.silent && record.state === 'paused' && record.resumeData)
      process.stdout.write(`${record.resumeData}\n`)
  }
  tellRefusals(refusals, speech)
  if (flags.json) {
    const document = {ok: refusals.length === 0, tasks: records, ...refusalFacts(refusals)}
    process.stdout.write(jsonDocument(document))
  }
  return batchExitCode(refusalCodes(refusals))
}
