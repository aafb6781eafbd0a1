import type {SessionDelegate, SessionEnvironment, Task} from '../engine/index.ts'
import type {TaskJournal} from './task-journal.ts'
import type {TaskRoll} from './task-roll.ts'

/** What a session has to be given so that its tasks can be seen, stopped and found again from elsewhere. */
export interface ControlHooks {
  readonly delegate: SessionDelegate
  readonly environment: Required<Pick<SessionEnvironment, 'didUpdateResumeData'>>
}

/** Connects sessions to the roll (for the endpoint) and to the journal (for the index). */
export function controlDelegate(keepers: {roll: TaskRoll<Task>; journal: TaskJournal<Task>}): ControlHooks {
  const take = (task: Task): void => {
    keepers.roll.add(task)
    keepers.journal.follow(task)
  }
  return {
    delegate: {didCreateTask: take},
    environment: {didUpdateResumeData: (task, path) => keepers.journal.noteResumeData(task, path)}
  }
}
