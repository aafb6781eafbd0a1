import {closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync} from 'node:fs'
import type {DatabaseSync} from 'node:sqlite'
import {TransferError, preparePrivateFile} from '../../../engine/index.ts'
import {JournalDamage} from './journal-examination.ts'
import {connectJournal, companions, mendedName} from './journal-file.ts'
import type {JournalPlace} from './journal-file.ts'

/** The open journal is not the file under its name any more: what is written into it, nobody finds again. */
export class JournalMoved extends JournalDamage {}

/** Tells the file under a name from any other; undefined where there is none. */
export function fileUnder(path: string): string | undefined {
  const facts = statSync(path, {bigint: true, throwIfNoEntry: false})
  return facts && `${facts.dev}:${facts.ino}`
}

/** Throws JournalMoved where another file, or none, is under the name of the open one. */
export function assertUnder(path: string, file: string | undefined): void {
  if (fileUnder(path) !== file) throw new JournalMoved('The file is not where it was')
}

/** Writes all of an open journal into a file under its name, and opens that. What is there in the meantime is put aside. */
export function putBack(place: JournalPlace, database: DatabaseSync): DatabaseSync {
  const {path, report} = place
  const mended = mendedName(path)
  rmSync(mended, {force: true})
  preparePrivateFile(mended)
  database.prepare('VACUUM INTO ?').run(mended)
  flush(mended)
  const aside = `${path}.replaced-${Date.now()}`
  for (const suffix of [...companions, '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix)
  }
  renameSync(mended, path)
  // Not before: until the new one has its name, all there is of the journal is what is open.
  database.close()
  const found = existsSync(aside) ? `; what was there instead is now ${aside}` : ''
  report(
    new TransferError('READ_FAILED', `The background journal ${path} had gone, and was written again${found}`)
  )
  return connectJournal(place)
}

function flush(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
