import {dirname, join} from 'node:path'
import type {DatabaseSync} from 'node:sqlite'
import {syncFolder} from '../../../engine/index.ts'
import type {TransferError} from '../../../engine/index.ts'
import {ensurePrivateFolder} from '../../places.ts'
import type {BackgroundTask, JournalEvent, NumberedEvent} from '../background-task.ts'
import {JournalEraser} from './journal-eraser.ts'
import {isDamage, journalFailure} from './journal-failure.ts'
import {journalName, mendJournalFile, openJournalFileWhenFree} from './journal-file.ts'
import type {JournalPlace} from './journal-file.ts'
import {JournalLooks} from './journal-looks.ts'
import {forgetOld} from './journal-retention.ts'
import {roomsOf} from './journal-rooms.ts'
import type {JournalRooms} from './journal-rooms.ts'
import {keyIn, seqOfToken, tokenOf, wrongToken} from './journal-token.ts'
import * as transactions from './journal-transactions.ts'
import {JournalMoved, assertUnder, fileUnder, putBack} from './journal-whereabouts.ts'
import type {Batch, FirstTold, Journal, StartableLook, TaskUpdate} from '../journal.ts'
import type {Snapshot, Submission} from '../submission.ts'

export interface JournalOptions {
  /** Absolute path of the folder, state/background. Made where it is missing, for this user alone. */
  readonly folder: string
  /** Told what a person should know: a damaged journal was put aside. */
  readonly report: (error: TransferError) => void
}

const day = 24 * 3600 * 1000

/**
 * Opens the journal for the one process that may write it; makes it where there is none. Rejects with REFUSED for one that a
 * newer ferry made (left as it is) or that others may read, with BUSY, WRITE_FAILED or NO_SPACE where it cannot be used.
 */
export async function openJournal({folder, report}: JournalOptions): Promise<Journal> {
  await ensurePrivateFolder(folder)
  const {DatabaseSync} = await import('node:sqlite')
  const place: JournalPlace = {Sqlite: DatabaseSync, path: join(folder, journalName), report}
  const database = await openJournalFileWhenFree(place)
  try {
    const journal = new SqliteJournal(place, database)
    await syncFolder(folder)
    await syncFolder(dirname(folder))
    return journal
  } catch (error) {
    if (database.isOpen) database.close()
    throw journalFailure(place.path, error)
  }
}

class SqliteJournal extends JournalLooks implements Journal {
  readonly #place: JournalPlace
  #rooms: JournalRooms
  #key: string
  /** What tells the open file from another one under its name. */
  #file: string | undefined
  readonly #eraser = new JournalEraser(() => this.#rooms.database)
  #swept = 0

  constructor(place: JournalPlace, database: DatabaseSync) {
    super()
    this.#place = place
    this.#rooms = roomsOf(database)
    this.#key = keyIn(database)
    this.#file = fileUnder(place.path)
    this.#sweep()
  }

  submit(submission: Submission, {records, events}: FirstTold): void {
    this.#sweep()
    this.#change(rooms => {
      transactions.submit(rooms, submission, records)
      transactions.tell(rooms, submission.session, events)
    })
  }

  snapshot(key: string): Snapshot {
    return this.look(({secrets}) => secrets.content(Number(key)) as Snapshot)
  }

  startable(session: string, look: StartableLook): readonly BackgroundTask[] {
    return this.look(({tasks}) => tasks.startable(session, look))
  }

  firstUnstarted(snapshot: string): number | undefined {
    return this.look(({tasks}) => tasks.firstUnstarted(snapshot))
  }

  nextBegin(now: number): number | undefined {
    return this.look(({tasks}) => tasks.nextBegin(now))
  }

  isPending(session?: string): boolean {
    return this.look(({tasks}) => tasks.isPending(session))
  }

  change(id: string, change: TaskUpdate['change'], events: readonly JournalEvent[] = []): boolean {
    return this.changeAll([{id, change, events}])[0] === true
  }

  changeAll(updates: readonly TaskUpdate[]): readonly boolean[] {
    const changed = this.#change(rooms => updates.map(update => transactions.change(rooms, update)))
    if (changed.includes('erased')) this.#eraser.mark()
    this.#eraser.erase()
    return changed.map(each => each !== 'refused')
  }

  append(session: string, events: readonly JournalEvent[]): readonly NumberedEvent[] {
    return this.#change(rooms => transactions.tell(rooms, session, events))
  }

  events(session: string, facts: {readonly after: number; readonly limit: number}): readonly NumberedEvent[] {
    return this.look(({events}) => events.after(session, facts))
  }

  acknowledged(session: string): number {
    return this.look(({sessions}) => sessions.find(session).acknowledged)
  }

  token(session: string, seq: number): string {
    return tokenOf({session, seq}, this.#key)
  }

  acknowledge(session: string, token: string): void {
    const seq = seqOfToken(token, session, this.#key)
    this.#change(rooms => {
      if (seq >= rooms.sessions.find(session).told) throw wrongToken(session)
      transactions.acknowledge(rooms, session, seq)
    })
  }

  isInvalidating(session: string): boolean {
    return this.look(({sessions}) => sessions.find(session).state === 'invalidating')
  }

  invalidate(session: string): void {
    this.#change(rooms => transactions.invalidate(rooms, session))
  }

  endInvalidation(session: string, events: readonly JournalEvent[]): void {
    this.#change(rooms => transactions.endInvalidation(rooms, session, events))
  }

  takeBatches(session: string): readonly Batch[] {
    if (this.look(({needs}) => needs.endedBatches(session)).length === 0) return []
    const batches = this.#change(rooms => transactions.takeBatches(rooms, session))
    this.#eraser.mark()
    this.#eraser.erase()
    return batches
  }

  close(): void {
    if (!this.#rooms.database.isOpen) return
    this.#eraser.close()
    this.#rooms.database.close()
  }

  #change<T>(use: (rooms: JournalRooms) => T): T {
    return this.look(rooms => {
      const {database} = rooms
      assertUnder(this.#place.path, this.#file)
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = use(rooms)
        database.exec('COMMIT')
        return result
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        // What did not fit into memory is in the log of changes already.
        this.#eraser.mark()
        throw error
      }
    })
  }

  protected look<T>(use: (rooms: JournalRooms) => T): T {
    const {path} = this.#place
    try {
      return use(this.#rooms)
    } catch (error) {
      if (!isDamage(error)) throw journalFailure(path, error)
      this.#mend(error)
    }
    try {
      return use(this.#rooms)
    } catch (error) {
      throw journalFailure(path, error)
    }
  }

  #mend(cause: unknown): void {
    try {
      const before = this.#rooms.database
      if (!(cause instanceof JournalMoved)) before.close()
      const database =
        cause instanceof JournalMoved ? putBack(this.#place, before) : mendJournalFile(this.#place, cause)
      this.#rooms = roomsOf(database)
      this.#key = keyIn(database)
      this.#file = fileUnder(this.#place.path)
    } catch (error) {
      throw journalFailure(this.#place.path, error)
    }
  }

  #sweep(): void {
    const now = Date.now()
    if (Math.abs(now - this.#swept) < day) return
    this.#swept = now
    this.#change(rooms => {
      forgetOld(rooms, now)
      rooms.secrets.sweep(rooms.needs.all())
    })
    this.#eraser.mark()
    this.#eraser.erase()
  }
}
