import {outcomeExitCode} from '../../cli/exit-codes.ts'
import {resumeDataKey} from '../../cli/resume-data-key.ts'
import {ControlClient} from '../../control/control-client.ts'
import {resolvePlaces} from '../../control/places.ts'
import {TaskIndex} from '../../control/task-index.ts'
import {discardResumeData} from '../../engine/index.ts'

/** What it takes to see and stop the transfers of other processes. */
export interface ControlDesk {
  readonly client: ControlClient
  readonly index: TaskIndex
}

/** Opens the desk for this user. */
export function openControlDesk(): ControlDesk {
  const places = resolvePlaces(process.env, process.platform, process.getuid?.())
  const index = new TaskIndex({stateFolder: places.state, exitCode: outcomeExitCode})
  // The key only decides whether resume data counts as ours; without one it is discarded where it lies.
  const key = resumeDataKey(places.state, () => {})
  const client = new ControlClient({places, index, discardResumeData: path => discardResumeData(path, key())})
  return {client, index}
}
