import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {preparePrivateFile} from '../../../engine/index.ts'
import type {JournalReader} from '../journal.ts'
import {assertReadable} from './journal-examination.ts'
import {journalFailure} from './journal-failure.ts'
import {journalName, openUntouched} from './journal-file.ts'
import {JournalLooks} from './journal-looks.ts'
import {roomsOf} from './journal-rooms.ts'
import type {JournalRooms} from './journal-rooms.ts'
import {schemaVersion, versionOf} from './journal-schema.ts'

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

class Reader extends JournalLooks {
  readonly #path: string
  readonly #rooms: JournalRooms

  constructor(path: string, rooms: JournalRooms) {
    super()
    this.#path = path
    this.#rooms = rooms
  }

  close(): void {
    if (this.#rooms.database.isOpen) this.#rooms.database.close()
  }

  protected look<T>(use: (rooms: JournalRooms) => T): T {
    try {
      return use(this.#rooms)
    } catch (error) {
      throw journalFailure(this.#path, error)
    }
  }
}
