import {execFile} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {describe, expect, it, onTestFinished} from 'vitest'
import type {TransferError} from '../../../src/engine/index.ts'
import {Database} from '../../../src/engine/storage/database.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {canary} from '../../canary/canary.ts'

const storeSecret = canary('cookie')

const writer = fileURLToPath(new URL('database-writer.ts', import.meta.url))
const tables = 'CREATE TABLE IF NOT EXISTS facts (name TEXT NOT NULL, value INTEGER NOT NULL) STRICT'

interface Opened {
  readonly database: Database
  readonly reports: TransferError[]
}

function openedAt(path: string): Opened {
  const reports: TransferError[] = []
  const database = new Database({path, tables, report: error => reports.push(error)})
  onTestFinished(() => database.close())
  return {database, reports}
}

const storePath = (name = 'stores.sqlite'): string => join(scratchFolder(), 'state', name)

function add(database: Database, name: string): Promise<unknown> {
  return database.change(open => open.prepare('INSERT INTO facts VALUES (?, 1)').run(name))
}

async function namesIn(database: Database): Promise<unknown[] | undefined> {
  return database.look(open =>
    open
      .prepare('SELECT name FROM facts ORDER BY name')
      .all()
      .map(row => row['name'])
  )
}

function modes(folder: string): string[] {
  return readdirSync(folder).map(name => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`)
}

describe('A store', () => {
  it('is made by the first thing to keep, not by looking', async () => {
    const path = storePath()
    const {database} = openedAt(path)
    expect(await database.reading()).toBeUndefined()
    expect(await namesIn(database)).toBeUndefined()
    expect(existsSync(join(path, '..'))).toBe(false)
    await add(database, 'a')
    expect(await namesIn(openedAt(path).database)).toEqual(['a'])
  })

  it('does all of a change or nothing of it', async () => {
    const {database} = openedAt(storePath())
    const failing = database.change(open => {
      open.prepare('INSERT INTO facts VALUES (?, 1)').run('half')
      open.prepare('INSERT INTO facts VALUES (NULL, 1)').run()
    })
    await expect(failing).rejects.toMatchObject({code: 'WRITE_FAILED'})
    expect(await namesIn(database)).toEqual([])
  })

  it('is readable by its user alone, the files beside it too, whatever the umask is [CVE 17]', async () => {
    const before = process.umask(0)
    onTestFinished(() => void process.umask(before))
    const path = storePath()
    await add(openedAt(path).database, 'a')
    const folder = join(path, '..')
    expect(modes(folder)).toEqual(['stores.sqlite 600', 'stores.sqlite-shm 600', 'stores.sqlite-wal 600'])
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it.each([0o640, 0o604, 0o660])(
    'that others may see (%o) is refused with the way to close it',
    async mode => {
      const path = storePath()
      const first = openedAt(path).database
      await add(first, 'a')
      first.close()
      chmodSync(path, mode)
      const refusal = openedAt(path).database.reading()
      await expect(refusal).rejects.toMatchObject({
        code: 'REFUSED',
        hint: expect.stringContaining('chmod 600')
      })
    }
  )

  it('is never a folder or a link', async () => {
    const path = storePath()
    mkdirSync(path, {recursive: true})
    await expect(openedAt(path).database.writing()).rejects.toMatchObject({code: 'REFUSED'})
  })

  it('with a name that leaves no room beside it is refused before anything is made [CVE 18]', async () => {
    const path = storePath(`${'n'.repeat(243)}.sqlite`)
    await expect(add(openedAt(path).database, 'a')).rejects.toMatchObject({code: 'WRITE_FAILED'})
    expect(existsSync(path)).toBe(false)
    const longest = storePath(`${'n'.repeat(222)}.sqlite`)
    await add(openedAt(longest).database, 'a')
    expect(await namesIn(openedAt(longest).database)).toEqual(['a'])
  })

  it('written by a newer ferry is refused and left as it is', async () => {
    const path = storePath()
    const first = openedAt(path).database
    await add(first, 'a')
    ;(await first.writing()).exec('PRAGMA user_version = 99')
    first.close()
    const before = readFileSync(path)
    await expect(openedAt(path).database.writing()).rejects.toMatchObject({code: 'REFUSED'})
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it.each(['__proto__', 'constructor', 'toString'])(
    'takes %s as a key like any other [CVE 44]',
    async name => {
      const {database} = openedAt(storePath())
      await add(database, name)
      expect(await namesIn(database)).toEqual([name])
      expect(Object.keys(Object.prototype)).toEqual([])
    }
  )

  it('keeps no trace of what was removed, once flushed', async () => {
    const path = storePath()
    const {database} = openedAt(path)
    await add(database, storeSecret)
    await database.flush()
    expect(readFileSync(path).includes(storeSecret)).toBe(true)
    await database.change(open => open.exec('DELETE FROM facts'))
    await database.flush()
    const files = readdirSync(join(path, '..')).map(name => readFileSync(join(path, '..', name)))
    expect(files.some(bytes => bytes.includes(storeSecret))).toBe(false)
  })
})

describe('A damaged store', () => {
  const asideOf = (path: string): string[] =>
    readdirSync(join(path, '..')).filter(name => /^stores\.sqlite\.corrupt-\d+$/.test(name))

  it('is put aside and reported, and a new one begins', async () => {
    const path = storePath()
    mkdirSync(join(path, '..'))
    writeFileSync(path, 'this was a database once', {mode: 0o600})
    const {database, reports} = openedAt(path)
    await add(database, 'new')
    expect(await namesIn(database)).toEqual(['new'])
    const [aside = ''] = asideOf(path)
    expect(readFileSync(join(path, '..', aside), 'utf8')).toBe('this was a database once')
    expect(reports).toMatchObject([{code: 'READ_FAILED', message: expect.stringContaining(aside)}])
  })

  it('is noticed in the middle of work too, which is then done on the new one', async () => {
    const path = storePath()
    const first = openedAt(path).database
    for (let index = 0; index < 300; index++) await add(first, `${'x'.repeat(200)}${index}`)
    await first.flush()
    first.close()
    const bytes = readFileSync(path)
    // The first page, with the schema, stays whole.
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0xa5)]))
    const {database, reports} = openedAt(path)
    await database.reading()
    expect(reports).toEqual([])
    expect(await namesIn(database)).toEqual([])
    await add(database, 'new')
    expect(await namesIn(database)).toEqual(['new'])
    expect(reports).toHaveLength(1)
    expect(asideOf(path)).toHaveLength(1)
  })
})

describe('Several processes', () => {
  it('make one store at the same instant and lose nothing of each other', async () => {
    const path = storePath()
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const runs = names.map(name => promisify(execFile)(process.execPath, [writer, path, name, '15']))
    const said = await Promise.all(runs)
    expect(said.map(({stderr}) => stderr)).toEqual(names.map(() => ''))
    expect(await namesIn(openedAt(path).database)).toEqual(names.flatMap(name => Array(15).fill(name)))
  })

  it('that find a store damaged at the same instant put it aside once, and share the new one', async () => {
    const path = storePath()
    mkdirSync(join(path, '..'))
    writeFileSync(path, 'this was a database once', {mode: 0o600})
    const names = ['a', 'b', 'c', 'd']
    const runs = names.map(name => promisify(execFile)(process.execPath, [writer, path, name, '5']))
    const said = (await Promise.all(runs)).map(({stderr}) => stderr).filter(stderr => stderr !== '')
    expect(said).toEqual([expect.stringContaining('put aside')])
    expect(await namesIn(openedAt(path).database)).toEqual(names.flatMap(name => Array(5).fill(name)))
  })

  it('wait for one that writes, and do not fail for it', async () => {
    const path = storePath()
    const {database} = openedAt(path)
    await add(database, 'a')
    const open = await database.writing()
    open.exec('BEGIN IMMEDIATE')
    const other = promisify(execFile)(process.execPath, [writer, path, 'b', '1'])
    setTimeout(() => open.exec('COMMIT'), 400)
    await expect(other).resolves.toMatchObject({stderr: ''})
    expect(await namesIn(database)).toEqual(['a', 'b'])
  })
})
