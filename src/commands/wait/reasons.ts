import {setTimeout as sleep} from 'node:timers/promises'
import type {ControlClient} from '../../control/control-client.ts'
import type {ListedTask} from '../../control/task-record.ts'
import {localMinute} from '../../ui/local-minute.ts'
import {printable} from '../../ui/printable.ts'
import {listedName} from '../transfer/task-table.ts'

// What fails for good has failed by then, and a script that is told nothing more knows that it works.
const moment = 3000
const mostReasons = 5

export interface Awaited {
  readonly client: Pick<ControlClient, 'tasks'>
  /** Beginnings of ids. */
  readonly ids: readonly string[]
}

/** Says on standard error, once the wait is longer than a moment, what the tasks themselves wait for. */
export async function tellReasons({client, ids}: Awaited, over: AbortSignal): Promise<void> {
  try {
    await sleep(moment, undefined, {signal: over, ref: false})
    const {tasks} = await client.tasks()
    if (over.aborted) return
    const awaited = tasks.filter(task => ids.some(id => task.id.startsWith(id)))
    const reasons = awaited.flatMap(task => reasonOf(task) ?? [])
    const rest = reasons.length - mostReasons
    const more = rest > 0 ? [`and ${rest} more wait: ferry tasks`] : []
    for (const line of [...reasons.slice(0, mostReasons), ...more]) process.stderr.write(`${line}\n`)
  } catch {
    // Only the wait itself matters, and says by itself where it cannot go on.
  }
}

function reasonOf(task: ListedTask): string | undefined {
  const {waitsAfter, earliestBegin} = task
  if (waitsAfter)
    return `${listedName(task)} waits, and tries again: ${printable(waitsAfter.message)} (${waitsAfter.code})`
  return earliestBegin && `${listedName(task)} begins later: ${localMinute(Date.parse(earliestBegin))}`
}
