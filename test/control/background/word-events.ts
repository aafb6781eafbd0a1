import type {JournalEvent} from '../../../src/control/background/background-task.ts'
import type {SessionDelegate} from '../../../src/engine/index.ts'
import {eventDelegate} from '../../../src/ui/events.ts'
import {exitCodes} from '../../../src/cli/exit-codes.ts'

/** The words of `--events`, as the daemon is given them. */
export function wordEvents(sink: (event: JournalEvent) => void): SessionDelegate {
  return eventDelegate({
    exitCode: error => exitCodes[error.code],
    sessionName: 'background',
    write: line => {
      const {
        v: _v,
        seq: _seq,
        session: _session,
        time,
        event,
        task,
        ...facts
      } = JSON.parse(line) as {
        v: number
        seq: number
        session: string
        time: string
        event: string
        task: string | null
      }
      sink({event, task, time, facts})
    }
  })
}
