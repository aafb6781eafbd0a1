import {Session, SessionConfiguration} from '../../../engine/index.ts'
import type {SessionEnvironment} from '../../../engine/index.ts'
import {backgroundDelegate} from './background-delegate.ts'
import type {EventWords} from './background-delegate.ts'
import type {Telling} from './dispatcher-events.ts'
import type {Journal} from '../journal.ts'
import type {RunningTasks} from './running-tasks.ts'

export interface EngineSessionParts {
  readonly journal: Pick<Journal, 'snapshot'>
  readonly eventsOf: EventWords
  /** What a session may use of the world: stores, the key for resume data. */
  readonly environmentOf: (identifier: string) => SessionEnvironment
  readonly telling: Telling
  readonly running: RunningTasks
}

/** A session of the engine, as the snapshot with this key says. Throws CONFIGURATION_REFUSED, READ_FAILED. */
export function makeEngineSession(
  {identifier, snapshot}: {readonly identifier: string; readonly snapshot: string},
  {journal, eventsOf, environmentOf, telling, running}: EngineSessionParts
): Session {
  const {keys, newFileMode} = journal.snapshot(snapshot)
  const configuration = SessionConfiguration.background(identifier, keys)
  const delegate = backgroundDelegate(eventsOf, {
    running: id => running.get(id),
    tell: event => telling.tell(identifier, event),
    live: event => telling.live(identifier, event),
    ended: (task, engineTask) => running.ended(task, engineTask)
  })
  return new Session(configuration, delegate, {
    ...environmentOf(identifier),
    name: identifier,
    // Its end has to be in the journal first.
    copies: 'left',
    ...(newFileMode === undefined ? {} : {newFileMode}),
    didUpdateResumeData: (task, path) => running.noteResumeData(task.id, path),
    willSendUpload: task => running.noteSent(task),
    willPlaceFile: (task, placing) => running.notePlacing(task.id, placing)
  })
}
