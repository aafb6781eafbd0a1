import {batchExitCode} from '../../cli/exit-codes.ts'
import {speechOf} from '../../cli/output-options.ts'
import type {ResultSpeech} from '../../cli/output-options.ts'
import type {ControlClient} from '../../control/control-client.ts'
import {TransferError} from '../../engine/index.ts'
import {jsonDocument} from '../../ui/json-text.ts'
import {printable} from '../../ui/printable.ts'
import {openControlDesk} from '../transfer/control-desk.ts'
import {refusalCodes, refusalFacts, tellRefusals} from '../transfer/refusals.ts'
import type {Refusal} from '../transfer/refusals.ts'

type Result = {readonly id: string; readonly background: string} | Refusal

/** Has the background service go on with running tasks; prints the ids under which they do. Resolves to the exit code. */
export async function handOver(ids: readonly string[], flags: ResultSpeech): Promise<number> {
  const {client} = openControlDesk()
  const results: Result[] = []
  // One after another: the first may have to start the service.
  for (const id of ids) results.push(await handOverOne(id, client))
  const tasks = results.filter(result => 'background' in result)
  const refusals = results.filter(result => 'error' in result)
  const speech = speechOf(flags)
  for (const {id, background} of tasks) {
    if (!flags.json && !flags.silent) process.stdout.write(`${background}\n`)
    if (speech === 'all')
      process.stderr.write(printable(`${id} goes on as ${background}: ferry wait ${background}`) + '\n')
  }
  tellRefusals(refusals, speech)
  if (flags.json) {
    const document = {ok: refusals.length === 0, tasks, ...refusalFacts(refusals)}
    process.stdout.write(jsonDocument(document))
  }
  return batchExitCode(refusalCodes(refusals))
}

async function handOverOne(id: string, client: ControlClient): Promise<Result> {
  try {
    return {id, background: await client.handOver(id)}
  } catch (error) {
    if (error instanceof TransferError) return {id, error}
    throw error
  }
}
