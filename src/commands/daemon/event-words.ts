import {exitCodes} from '../../cli/exit-codes.ts'
import type {JournalEvent} from '../../control/background/background-task.ts'
import type {SessionDelegate} from '../../engine/index.ts'
import {eventDelegate} from '../../ui/events.ts'

type Head = Pick<JournalEvent, 'event' | 'task' | 'time'>

/** The words of `--events` for the journal, which numbers the events itself and knows their session. */
export function eventWords(sink: (event: JournalEvent) => void): SessionDelegate {
  return eventDelegate({
    exitCode: error => exitCodes[error.code],
    sessionName: 'background',
    write: line => {
      const {event, task, time, ...rest} = JSON.parse(line) as Head & Record<string, unknown>
      const {v: _version, seq: _number, session: _session, ...facts} = rest
      sink({event, task, time, facts})
    }
  })
}
