import {chmodSync, cpSync, readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {describe, expect, it} from 'vitest'
import {
  migrate,
  migrations,
  schemaVersion,
  versionOf
} from '../../../src/control/background/journal/journal-schema.ts'
import {openJournalReader} from '../../../src/control/background/journal/read-journal.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {downloadTask, openedJournal, snapshot, submitTo} from './journal-stage.ts'

function contents(folder: string): Record<string, string> {
  // The index of the log is nobody's data: SQLite makes it of the log.
  const names = readdirSync(folder).filter(name => !name.endsWith('-shm'))
  return Object.fromEntries(names.map(name => [name, readFileSync(join(folder, name), 'latin1')]))
}

/** A folder with a journal that a ferry of another version has left, closed or killed. */
async function leftBy(version: number, end: 'closed' | 'killed'): Promise<string> {
  const [folder, left] = [scratchFolder(), scratchFolder()]
  const {journal} = await openedJournal(folder)
  submitTo(journal, {session: 's', snapshot, tasks: [downloadTask()]})
  journal.close()
  const database = new DatabaseSync(join(folder, 'journal.sqlite'))
  database.exec(`PRAGMA user_version = ${version}`)
  if (end === 'closed') database.close()
  cpSync(folder, left, {recursive: true})
  if (end === 'killed') database.close()
  return left
}

describe('A journal', () => {
  it.each(['closed', 'killed'] as const)(
    'that a newer ferry has made and %s is refused, and stays as it is to the byte',
    async end => {
      const folder = await leftBy(schemaVersion + 1, end)
      const before = contents(folder)
      const refusal = {code: 'REFUSED', message: expect.stringContaining('made by a newer ferry')}
      await expect(openedJournal(folder)).rejects.toMatchObject(refusal)
      await expect(openJournalReader(folder)).rejects.toMatchObject(refusal)
      expect(contents(folder)).toEqual(before)
    }
  )

  it('of an earlier version is made one of this version, step by step', () => {
    const path = join(scratchFolder(), 'journal.sqlite')
    const database = new DatabaseSync(path)
    const steps = [
      'CREATE TABLE things (name TEXT)',
      "ALTER TABLE things ADD COLUMN size INTEGER DEFAULT 5; INSERT INTO things (name) VALUES ('new')",
      'UPDATE things SET size = size + 1'
    ]
    migrate(database, steps.slice(0, 1))
    expect(versionOf(database)).toBe(1)
    database.exec("INSERT INTO things VALUES ('old')")
    migrate(database, steps)
    migrate(database, steps)
    expect(versionOf(database)).toBe(3)
    expect(
      database
        .prepare('SELECT name, size FROM things')
        .all()
        .map(row => ({...row}))
    ).toEqual([
      {name: 'old', size: 6},
      {name: 'new', size: 6}
    ])
    database.close()
  })

  it('stays of the earlier version as a whole when a step fails', () => {
    const database = new DatabaseSync(join(scratchFolder(), 'journal.sqlite'))
    migrate(database, ['CREATE TABLE things (name TEXT)'])
    expect(() => migrate(database, ['', 'DROP TABLE things', 'no SQL'])).toThrow('syntax error')
    expect(versionOf(database)).toBe(1)
    expect(database.prepare('SELECT count(*) AS things FROM things').get()).toMatchObject({things: 0})
    database.close()
  })

  it('of version 0 has nothing in it, and is made one of this version', async () => {
    const folder = scratchFolder()
    const path = join(folder, 'journal.sqlite')
    const before = new DatabaseSync(path)
    before.exec('PRAGMA journal_mode = WAL; PRAGMA user_version = 0')
    before.close()
    chmodSync(path, 0o600)
    expect(await openJournalReader(folder)).toBeUndefined()
    const {journal, reports} = await openedJournal(folder)
    const task = downloadTask()
    submitTo(journal, {session: 's', snapshot, tasks: [task]})
    expect([journal.task(task.id)?.state, reports.length]).toEqual(['waiting', 0])
    journal.close()
    const after = new DatabaseSync(path)
    expect(versionOf(after)).toBe(migrations.length)
    after.close()
  })

  it.each([0o644, 0o660])('that others may see (%o) is refused with the way to close it', async mode => {
    const folder = scratchFolder()
    ;(await openedJournal(folder)).journal.close()
    chmodSync(join(folder, 'journal.sqlite'), mode)
    const refusal = {code: 'REFUSED', hint: expect.stringContaining('chmod 600')}
    await expect(openedJournal(folder)).rejects.toMatchObject(refusal)
    await expect(openJournalReader(folder)).rejects.toMatchObject(refusal)
  })
})
