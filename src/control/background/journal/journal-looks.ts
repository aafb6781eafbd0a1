import type {BackgroundTask, TaskStanding} from '../background-task.ts'
import type {JournalReader, JournalledSession, TaskCounts, TaskQuery} from '../journal.ts'
import {journalledSessions, taskCounts} from './journal-rooms.ts'
import type {JournalRooms} from './journal-rooms.ts'

/** What may be seen of an open journal, whoever has opened it. */
export abstract class JournalLooks implements JournalReader {
  task(id: string): BackgroundTask | undefined {
    return this.look(({tasks}) => tasks.find(id))
  }

  tasks(query: TaskQuery): readonly BackgroundTask[] {
    return this.look(({tasks}) => tasks.list(query))
  }

  standing(id: string): TaskStanding | undefined {
    return this.look(({tasks}) => tasks.standing(id))
  }

  standings(query: TaskQuery): readonly TaskStanding[] {
    return this.look(({tasks}) => tasks.standings(query))
  }

  counts(): TaskCounts {
    return this.look(taskCounts)
  }

  sessions(): readonly JournalledSession[] {
    return this.look(journalledSessions)
  }

  abstract close(): void

  /** Uses the journal; in the words of ferry where that fails. */
  protected abstract look<T>(use: (rooms: JournalRooms) => T): T
}
