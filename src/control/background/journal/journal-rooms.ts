import type {DatabaseSync} from 'node:sqlite'
import {JournalEvents} from './journal-events.ts'
import {JournalNeeds} from './journal-needs.ts'
import {JournalSecrets} from './journal-secrets.ts'
import {JournalSessions} from './journal-sessions.ts'
import {JournalTasks, totalOf} from './journal-tasks.ts'
import type {JournalledSession, TaskCounts} from '../journal.ts'

/** What is in an open journal, with all statements prepared. */
export interface JournalRooms {
  readonly database: DatabaseSync
  readonly tasks: JournalTasks
  readonly events: JournalEvents
  readonly sessions: JournalSessions
  readonly secrets: JournalSecrets
  readonly needs: JournalNeeds
}

export function roomsOf(database: DatabaseSync): JournalRooms {
  return {
    database,
    tasks: new JournalTasks(database),
    events: new JournalEvents(database),
    sessions: new JournalSessions(database),
    secrets: new JournalSecrets(database),
    needs: new JournalNeeds(database)
  }
}

export function journalledSessions({sessions, tasks}: JournalRooms): readonly JournalledSession[] {
  const counts = tasks.counts()
  return sessions
    .all()
    .map(({identifier, state, told, acknowledged}) => ({
      identifier,
      state,
      tasks: counts.get(identifier) ?? totalOf([]),
      undelivered: told - 1 - acknowledged
    }))
    .filter(
      ({identifier, state, undelivered}) =>
        counts.has(identifier) || state === 'invalidating' || undelivered > 0
    )
}

export function taskCounts({tasks}: JournalRooms): TaskCounts {
  return totalOf(tasks.counts().values())
}
