import type {ResultSpeech} from '../../cli/output-options.ts'
import type {ListedTask, TaskRecord} from '../../control/task-record.ts'
import {TransferError} from '../../engine/index.ts'
import {openBackground} from '../transfer/background-desk.ts'
import {reportStops, stopEach} from '../transfer/stop-results.ts'

export interface ReleaseSpeech extends ResultSpeech {
  readonly events?: true
}

/** Lets tasks of background sessions that stand still go on, under their own ids (T12). Resolves to the exit code. */
export async function releaseHeld(held: readonly ListedTask[], flags: ReleaseSpeech): Promise<number> {
  const background = openBackground()
  const standing = new Map(held.map(task => [task.id, task]))
  const results = await stopEach([...standing.keys()], async (id): Promise<TaskRecord> => {
    const task = standing.get(id)
    return background.release(id).catch((error: unknown) => {
      // What has stood still with the service goes on with the first of them.
      if (task?.state === 'waiting' && error instanceof TransferError && error.code === 'BUSY') return task
      throw error
    })
  })
  const code = reportStops(results, flags, ({id}) => `${id} goes on: wait for it with ferry wait ${id}`)
  const released = results.filter(result => 'record' in result)
  if (!flags.json && !flags.events && !flags.silent)
    process.stdout.write(released.map(({id}) => `${id}\n`).join(''))
  return code
}
