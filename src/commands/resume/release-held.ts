import type {ListedTask} from '../../control/task-record.ts'
import {openBackground} from '../transfer/background-desk.ts'
import {reportStops, stopEach} from '../transfer/stop-results.ts'
import type {StopSpeech} from '../transfer/stop-results.ts'

/** Lets held tasks of background sessions go on, under their own ids (T12). Resolves to the exit code. */
export async function releaseHeld(held: readonly ListedTask[], flags: StopSpeech): Promise<number> {
  const background = openBackground()
  const ids = held.map(({id}) => id)
  // One after another: the first may have to start the service.
  const results = await stopEach(ids.slice(0, 1), id => background.release(id))
  const others = await stopEach(ids.slice(1), id => background.release(id))
  return reportStops(
    [...results, ...others],
    flags,
    ({id}) => `${id} goes on: wait for it with ferry wait ${id}`
  )
}
