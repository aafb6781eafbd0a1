import {existsSync} from 'node:fs'
import {outcomeExitCode} from '../../cli/exit-codes.ts'
import {resumeDataKey} from '../../control/resume-data-key.ts'
import {ControlClient} from '../../control/control-client.ts'
import {readMark} from '../../control/background/unfinished-mark.ts'
import {Endpoints} from '../../control/endpoints.ts'
import {SessionClient} from '../../control/session-client.ts'
import {TaskIndex} from '../../control/task-index.ts'
import type {SurveyPlaces} from '../../control/task-survey.ts'
import {journalPath} from '../../control/background/background-folder.ts'
import {openBackground} from './background-desk.ts'
import {discardRemains} from './discard-remains.ts'
import {placesOfUser} from './places-of-user.ts'

/** What it takes to see and stop the transfers of other processes, and to act on their sessions. */
export interface ControlDesk {
  readonly client: ControlClient
  readonly sessions: SessionClient
  readonly index: TaskIndex
}

/** Opens the desk for this user. resting: told that a task is waited for which rests with the service that was stopped. */
export function openControlDesk(resting?: () => void): ControlDesk {
  const places = placesOfUser()
  const index = new TaskIndex({stateFolder: places.state, exitCode: outcomeExitCode})
  // The key only decides whether resume data counts as ours; without one it is discarded where it lies.
  const key = resumeDataKey(places.state, () => {})
  const endpoints = new Endpoints(places)
  const client = new ControlClient({
    endpoints,
    index,
    journalled: which => journalledTasks(places.state, which),
    wakeDaemon: () => openBackground().wake(),
    reviveDaemon: async () => {
      const mark = readMark(places.state)
      if (mark === 'unfinished') await openBackground().wake()
      else if (mark === 'stopped') resting?.()
    },
    discardResumeData: path => discardRemains(path, {key, stateFolder: places.state})
  })
  return {client, sessions: new SessionClient(endpoints), index}
}

// One look at the disk where there never was a background session.
async function journalledTasks(
  stateFolder: string,
  which: 'resumable' | 'all'
): ReturnType<NonNullable<SurveyPlaces['journalled']>> {
  if (!existsSync(journalPath(stateFolder))) return {tasks: [], unreadable: []}
  const {listJournalledTasks} = await import('../../control/background/journal/journalled-tasks.ts')
  return listJournalledTasks(stateFolder, which)
}
