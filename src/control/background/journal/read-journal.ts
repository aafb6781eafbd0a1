import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {preparePrivateFile} from '../../../engine/index.ts'
import type {BackgroundTask, TaskStanding} from '../background-task.ts'
import {assertReadable} from './journal-examination.ts'
import {journalFailure} from './journal-failure.ts'
import {journalName, openUntouched} from './journal-file.ts'
import {journalledSessions, roomsOf, taskCounts} from './journal-rooms.ts'
import type {JournalRooms} from './journal-rooms.ts'
import {schemaVersion, versionOf} from './journal-schema.ts'
import type {JournalReader, JournalledSession, TaskCounts, TaskQuery} from '../journal.ts'

/**
 * Looks into the journal while no daemon runs, and changes nothing; undefined when there is none. Rejects with REFUSED for
 * one that a newer ferry made or that others may read, with READ_FAILED for a damaged one.
 */
export async function openJournalReader(folder: string): Promise<JournalReader | undefined> {
  const path = join(folder, journalName)
  if (!existsSync(path)) return undefined
  preparePrivateFile(path)
  const {DatabaseSync} = await import('node:sqlite')
  try {
    const database = openUntouched({Sqlite: DatabaseSync, path})
    try {
      assertReadable(database, path)
      // Nothing was written into it yet: a daemon that has just begun makes it.
      if (versionOf(database) === schemaVersion) return new Reader(path, roomsOf(database))
    } catch (error) {
      database.close()
      throw error
    }
    database.close()
    return undefined
  } catch (error) {
    throw journalFailure(path, error)
  }
}

class Reader implements JournalReader {
  readonly #path: string
  readonly #rooms: JournalRooms

  constructor(path: string, rooms: JournalRooms) {
    this.#path = path
    this.#rooms = rooms
  }

  task(id: string): BackgroundTask | undefined {
    return this.#look(({tasks}) => tasks.find(id))
  }

  tasks(query: TaskQuery): readonly BackgroundTask[] {
    return this.#look(({tasks}) => tasks.list(query))
  }

  standing(id: string): TaskStanding | undefined {
    return this.#look(({tasks}) => tasks.standing(id))
  }

  standings(query: TaskQuery): readonly TaskStanding[] {
    return this.#look(({tasks}) => tasks.standings(query))
  }

  counts(): TaskCounts {
    return this.#look(taskCounts)
  }

  sessions(): readonly JournalledSession[] {
    return this.#look(journalledSessions)
  }

  close(): void {
    if (this.#rooms.database.isOpen) this.#rooms.database.close()
  }

  #look<T>(use: (rooms: JournalRooms) => T): T {
    try {
      return use(this.#rooms)
    } catch (error) {
      throw journalFailure(this.#path, error)
    }
  }
}
