import type {SessionDelegate, SessionEnvironment, Task} from '../engine/index.ts'
import type {SessionRoll} from './session-roll.ts'
import type {TaskJournal} from './task-journal.ts'
import type {TaskRoll} from './task-roll.ts'

/** What a session has to be given so that its tasks can be seen, stopped and found again from elsewhere. */
export interface ControlHooks {
  readonly delegate: SessionDelegate
  readonly environment: Required<Pick<SessionEnvironment, 'didUpdateResumeData'>>
}

/** Who keeps what is known of the sessions and tasks of this process. */
export interface ControlKeepers {
  readonly sessions: SessionRoll
  readonly roll: TaskRoll<Task>
  readonly journal: TaskJournal<Task>
}

/** Connects sessions to the rolls (for the endpoint) and to the journal (for the index). */
export function controlDelegate(keepers: ControlKeepers): ControlHooks {
  const take = (task: Task): void => {
    keepers.sessions.add(task.session)
    keepers.roll.add(task)
    keepers.journal.follow(task)
  }
  return {
    delegate: {
      didCreateTask: take,
      didBecomeInvalidWithError: session => keepers.sessions.remove(session)
    },
    environment: {didUpdateResumeData: (task, path) => keepers.journal.noteResumeData(task, path)}
  }
}
