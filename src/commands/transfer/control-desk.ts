import {outcomeExitCode} from '../../cli/exit-codes.ts'
import {resumeDataKey} from '../../cli/resume-data-key.ts'
import {ControlClient} from '../../control/control-client.ts'
import {Endpoints} from '../../control/endpoints.ts'
import {resolvePlaces} from '../../control/places.ts'
import {SessionClient} from '../../control/session-client.ts'
import {TaskIndex} from '../../control/task-index.ts'
import {discardRemains} from './discard-remains.ts'

/** What it takes to see and stop the transfers of other processes, and to act on their sessions. */
export interface ControlDesk {
  readonly client: ControlClient
  readonly sessions: SessionClient
  readonly index: TaskIndex
}

/** Opens the desk for this user. */
export function openControlDesk(): ControlDesk {
  const places = resolvePlaces(process.env, process.platform, process.getuid?.())
  const index = new TaskIndex({stateFolder: places.state, exitCode: outcomeExitCode})
  // The key only decides whether resume data counts as ours; without one it is discarded where it lies.
  const key = resumeDataKey(places.state, () => {})
  const endpoints = new Endpoints(places)
  const client = new ControlClient({
    endpoints,
    index,
    discardResumeData: path => discardRemains(path, {key, stateFolder: places.state})
  })
  return {client, sessions: new SessionClient(endpoints), index}
}
