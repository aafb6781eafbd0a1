import {accessSync, constants, existsSync, renameSync, rmSync, statSync} from 'node:fs'
import type {DatabaseSync} from 'node:sqlite'
import {setTimeout as sleep} from 'node:timers/promises'
import {pathToFileURL} from 'node:url'
import {TransferError, isBusy, preparePrivateFile} from '../../../engine/index.ts'
import {JournalDamage, assertReadable, examine} from './journal-examination.ts'
import {isDamage, journalFailure} from './journal-failure.ts'
import {copyRepaired} from './journal-repair.ts'
import {salvage} from './journal-salvage.ts'
import {migrate, schemaVersion, versionOf} from './journal-schema.ts'

export const journalName = 'journal.sqlite'
/** Milliseconds for which another process may hold the file before BUSY: only readers ever do, and not for long. */
export const busyTimeout = 5000

/** What SQLite has beside a journal that is open. */
export const companions = ['-wal', '-shm']

export interface JournalPlace {
  readonly Sqlite: typeof DatabaseSync
  readonly path: string
  /** Told what a person should know: a damaged file was put aside. */
  readonly report: (error: TransferError) => void
}

/** Opens the journal for its one writer. Throws REFUSED for one that a newer ferry made, which stays as it is. */
export async function openJournalFileWhenFree(place: JournalPlace): Promise<DatabaseSync> {
  // A reader may be looking; changing to WAL does not wait for it by itself.
  for (const deadline = Date.now() + busyTimeout; ; await sleep(20)) {
    try {
      return openJournalFile(place)
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw journalFailure(place.path, error)
    }
  }
}

function openJournalFile(place: JournalPlace): DatabaseSync {
  const {path} = place
  // The last step of putting a damaged one aside did not happen.
  if (!existsSync(path) && existsSync(mendedName(path))) renameSync(mendedName(path), path)
  preparePrivateFile(path)
  try {
    if (sizeOf(path) + sizeOf(`${path}-wal`) > 0) examineUntouched(place)
    return connectJournal(place)
  } catch (error) {
    if (!isDamage(error)) throw error
    return mendJournalFile(place, error)
  }
}

/** Opens a journal without changing a byte of it. */
export function openUntouched({Sqlite, path}: Omit<JournalPlace, 'report'>): DatabaseSync {
  const address = pathToFileURL(path)
  // Where nobody has left unfinished work, SQLite needs no files of its own beside it.
  if (!existsSync(`${path}-wal`)) address.searchParams.set('immutable', '1')
  return new Sqlite(address, {readOnly: true, timeout: busyTimeout})
}

/** Puts a damaged journal aside, and opens a new one with what could be read of it. */
export function mendJournalFile(place: JournalPlace, cause: unknown): DatabaseSync {
  const {Sqlite, path, report} = place
  const mended = mendedName(path)
  const aside = `${path}.damaged-${Date.now()}`
  removeFiles(mended)
  preparePrivateFile(mended)
  const fresh = new Sqlite(mended)
  let saved: number
  try {
    migrate(fresh)
    saved = salvageFrom(place, fresh)
  } finally {
    fresh.close()
  }
  // First what is beside it: it must never be taken for a part of the new one.
  for (const suffix of [...companions, '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
  }
  renameSync(mended, path)
  report(
    new TransferError(
      'READ_FAILED',
      `The background journal ${path} is damaged; it was put aside as ${aside}, and ${saved} of its tasks were taken over`,
      {cause}
    )
  )
  return connectJournal(place)
}

/** Where a journal is written before it gets its name. */
export function mendedName(path: string): string {
  return `${path}.mended`
}

function sizeOf(path: string): number {
  return statSync(path, {throwIfNoEntry: false})?.size ?? 0
}

function examineUntouched(place: JournalPlace): void {
  // SQLite takes a single byte for an empty file as well, and removes what is beside one.
  if (sizeOf(place.path) <= 1) throw new JournalDamage('The file is empty')
  const database = openUntouched(place)
  try {
    assertReadable(database, place.path)
    if (versionOf(database) === schemaVersion) examine(database)
  } finally {
    database.close()
  }
}

/** Opens the file under the name as the journal. Throws REFUSED for one that a newer ferry made, and SQLite's errors. */
export function connectJournal({Sqlite, path}: JournalPlace): DatabaseSync {
  const database = new Sqlite(path, {timeout: busyTimeout})
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    migrate(database)
    database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${schemaVersion}; COMMIT`)
    return database
  } catch (error) {
    database.close()
    throw isDeniedByItself(error, path) ? new JournalDamage('The file says that it cannot be written') : error
  }
}

// A bit in the head of the file decides about that too.
function isDeniedByItself(error: unknown, path: string): boolean {
  if (!(error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 8)) return false
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

// From a copy: SQLite changes what it opens, and what was put aside is what was found.
function salvageFrom({Sqlite, path}: JournalPlace, fresh: DatabaseSync): number {
  const copy = `${path}.copy`
  let damaged: DatabaseSync | undefined
  try {
    removeFiles(copy)
    copyRepaired({path, copy, fresh: mendedName(path)})
    damaged = new Sqlite(copy)
    return salvage(damaged, fresh)
  } catch (error) {
    if (fresh.isTransaction) fresh.exec('ROLLBACK')
    if (!isDamage(error)) throw error
    return 0
  } finally {
    damaged?.close()
    removeFiles(copy)
  }
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-journal', ...companions]) rmSync(path + suffix, {force: true})
}
