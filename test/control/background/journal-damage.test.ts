import {readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {isDeepStrictEqual} from 'node:util'
import {describe, expect, it} from 'vitest'
import type {Journal} from '../../../src/control/background/journal.ts'
import {openJournalReader} from '../../../src/control/background/journal/read-journal.ts'
import {openJournal} from '../../../src/control/background/journal/sqlite-journal.ts'
import {TransferError} from '../../../src/engine/index.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {downloadTask, eventOf, openedJournal, snapshot, submitTo} from './journal-stage.ts'

/** The files of a journal; the log of changes is there as long as a daemon runs, and after one was killed. */
interface Files {
  readonly database: Buffer
  readonly log?: Buffer
}

const pageSize = 4096
const frameSize = 24 + pageSize
const logHead = 32
const restart = 40

const tasks = Array.from({length: 60}, (_, index) =>
  downloadTask({
    label: `${index} `.repeat(80),
    request: index % 2 === 0 ? {} : {headers: [['Accept', 'text/plain']]}
  })
)
const known = new Map(tasks.map(task => [task.id, task]))

/** How two thirds of the tasks were written before a restart and the others after it. */
async function writtenJournal(): Promise<{readonly killed: Files; readonly ended: Files}> {
  const folder = scratchFolder()
  const read = (name: string): Buffer => readFileSync(join(folder, name))
  const write = async (some: typeof tasks): Promise<Journal> => {
    const {journal} = await openedJournal(folder)
    const told = some.map(({id}) => eventOf('task.created', id))
    submitTo(journal, {session: 's', snapshot, tasks: some}, told)
    return journal
  }
  ;(await write(tasks.slice(0, restart))).close()
  const journal = await write(tasks.slice(restart))
  for (const {id} of tasks.slice(0, 10)) journal.change(id, {state: 'running'})
  const killed = {database: read('journal.sqlite'), log: read('journal.sqlite-wal')}
  journal.close()
  return {killed, ended: {database: read('journal.sqlite')}}
}

interface Opened {
  /** Ids of the tasks that are as they were submitted, and can run. */
  readonly whole: readonly string[]
  readonly reports: readonly TransferError[]
}

/** Opens what is left of a journal, uses it, and proves that nothing is invented and nothing thrown away. */
async function open(folder: string, {database, log}: Files): Promise<Opened> {
  writeFileSync(join(folder, 'journal.sqlite'), database, {mode: 0o600})
  if (log) writeFileSync(join(folder, 'journal.sqlite-wal'), log, {mode: 0o600})
  const reports: TransferError[] = []
  const journal = await openJournal({folder, report: error => reports.push(error)})
  try {
    const found = journal.tasks({which: 'all'})
    const whole = found.filter(task => canRun(journal, task.snapshot))
    expect(whole.filter(({submitted: each}) => !isDeepStrictEqual(each, known.get(each.id)))).toEqual([])
    expect(found.filter(({submitted: each}) => known.get(each.id)?.label !== each.label)).toEqual([])
    const events = journal.events('s', {after: -1, limit: 1000})
    submitTo(journal, {session: 's', snapshot, tasks: [downloadTask()]}, [eventOf('task.created')])
    const [last] = journal.events('s', {after: events.at(-1)?.seq ?? -1, limit: 1000})
    expect(last?.event).toBe('task.created')
    return {whole: whole.map(task => task.submitted.id), reports}
  } finally {
    journal.close()
    if (reports.length > 0) expectPutAside(folder, {database, ...(log ? {log} : {})})
    for (const name of readdirSync(folder)) rmSync(join(folder, name))
  }
}

function canRun(journal: Journal, key: string): boolean {
  try {
    return journal.snapshot(key).onComplete === null
  } catch (error) {
    expect(error).toMatchObject({code: 'READ_FAILED'})
    return false
  }
}

function expectPutAside(folder: string, {database, log}: Files): void {
  const names = readdirSync(folder)
  const [aside = ''] = names.filter(name => /^journal\.sqlite\.damaged-\d+$/.test(name))
  expect(readFileSync(join(folder, aside)).equals(database)).toBe(true)
  if (log?.length) expect(readFileSync(join(folder, `${aside}-wal`)).equals(log)).toBe(true)
  expect(names.filter(name => /mended|copy/.test(name))).toEqual([])
}

/** Every border and the bytes beside it, and lengths between them. */
function lengths(size: number, {first, step}: {readonly first: number; readonly step: number}): number[] {
  const borders = Array.from({length: Math.ceil((size - first) / step)}, (_, index) => first + index * step)
  const near = borders.flatMap(border => [border - 1, border, border + 1, border + 1 + random(step)])
  const all = new Set([0, 1, 2, 16, 31, 32, 99, 100, 101, 511, 512, ...near])
  return [...all].filter(length => length >= 0 && length < size)
}

function random(limit: number): number {
  return Math.floor(Math.random() * limit)
}

function flipped(bytes: Buffer, position: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(position) ^ (1 << random(8)), position)
  return copy
}

describe('A journal', {timeout: 60_000}, () => {
  it('that was cut at any length is read as far as it goes, and else put aside, said aloud', async () => {
    const {ended} = await writtenJournal()
    const folder = scratchFolder()
    const counts: number[] = []
    for (const length of lengths(ended.database.length, {first: 0, step: pageSize})) {
      const {whole, reports} = await open(folder, {database: ended.database.subarray(0, length)})
      // An empty file is one that a daemon was about to begin.
      expect(reports, `${length}`).toHaveLength(length === 0 ? 0 : 1)
      counts.push(whole.length)
    }
    expect(Math.max(...counts)).toBeGreaterThan(restart)
  })

  it('whose file was cut under its log of changes is put aside with that, and read', async () => {
    const {killed} = await writtenJournal()
    const folder = scratchFolder()
    for (const length of lengths(killed.database.length, {first: 0, step: 2 * pageSize})) {
      const {whole, reports} = await open(folder, {...killed, database: killed.database.subarray(0, length)})
      // What the log has of it is as good as there.
      if (reports.length === 0) expect(whole, `${length}`).toHaveLength(tasks.length)
      else expect(reports).toMatchObject([{code: 'READ_FAILED', message: expect.stringMatching(/aside/)}])
    }
  })

  it('whose log of changes was cut at any length is as it was after one of its changes', async () => {
    const {killed} = await writtenJournal()
    const {log = Buffer.alloc(0)} = killed
    const folder = scratchFolder()
    for (const length of lengths(log.length, {first: logHead, step: frameSize})) {
      const {whole, reports} = await open(folder, {...killed, log: log.subarray(0, length)})
      expect(reports, `${length}`).toEqual([])
      expect([restart, tasks.length], `${length}`).toContain(whole.length)
    }
  })

  it('with a bit that has turned is never believed where that matters', async () => {
    const {killed, ended} = await writtenJournal()
    const {log = Buffer.alloc(0)} = killed
    const folder = scratchFolder()
    const positions = [...Array(100).keys(), ...Array.from({length: 40}, () => random(ended.database.length))]
    // Four of these bytes say which version it is; of a newer one, nothing is touched.
    for (const position of positions.filter(each => each < 60 || each > 63))
      await open(folder, {database: flipped(ended.database, position)})
    for (let round = 0; round < 15; round++) {
      await open(folder, {...killed, log: flipped(log, random(log.length))})
      await open(folder, {...killed, database: flipped(killed.database, random(killed.database.length))})
    }
  })

  it.each([
    ['empty', '', 0],
    ['a text', 'this was a journal once', 1],
    ['only zeros', '\0'.repeat(9000), 1],
    ['only the beginning of one', 'SQLite format 3\0', 1]
  ] as const)('that is %s is none: a new one begins', async (_, text, reported) => {
    const {whole, reports} = await open(scratchFolder(), {database: Buffer.from(text)})
    expect([whole.length, reports.length]).toEqual([0, reported])
  })

  it('that proves damaged in the middle of work is mended, and the work is done', async () => {
    const folder = scratchFolder()
    const path = join(folder, 'journal.sqlite')
    const first = (await openedJournal(folder)).journal
    // More than SQLite keeps in memory.
    const large = Array.from({length: 100}, () => downloadTask({label: 'l'.repeat(60_000)}))
    submitTo(first, {session: 's', snapshot, tasks: large})
    first.close()
    const {journal, reports} = await openedJournal(folder)
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0, bytes.length / 2))
    const task = downloadTask()
    submitTo(journal, {session: 's', snapshot, tasks: [task]})
    const found = journal.tasks({which: 'all'}).map(({submitted}) => submitted)
    expect(reports).toMatchObject([{code: 'READ_FAILED'}])
    expect(found).toContainEqual(task)
    expect(found.length).toBeLessThan(100)
    for (const each of found) expect([task, ...large]).toContainEqual(each)
  })

  it('that is damaged keeps nobody who only looks from being told so', async () => {
    const folder = scratchFolder()
    const {ended} = await writtenJournal()
    const path = join(folder, 'journal.sqlite')
    writeFileSync(path, ended.database.subarray(0, 3 * pageSize), {mode: 0o600})
    await expect(openJournalReader(folder)).rejects.toMatchObject({code: 'READ_FAILED'})
    expect(readdirSync(folder)).toEqual(['journal.sqlite'])
  })

  it('whose mending was interrupted at its last step is the mended one', async () => {
    const folder = scratchFolder()
    const {ended} = await writtenJournal()
    writeFileSync(join(folder, 'journal.sqlite.mended'), ended.database, {mode: 0o600})
    const {journal, reports} = await openedJournal(folder)
    expect(journal.tasks({which: 'all'})).toHaveLength(tasks.length)
    expect([...reports, ...readdirSync(folder).filter(name => name.includes('mended'))]).toEqual([])
  })
})
