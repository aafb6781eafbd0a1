import {chmodSync, existsSync, readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {describe, expect, it} from 'vitest'
import {CookieStore, cookieTables} from '../../../src/engine/storage/cookie-store.ts'
import {Database} from '../../../src/engine/storage/database.ts'
import {MemoryCookies} from '../../../src/engine/storage/memory-cookies.ts'
import type {CookieShelf, StoredCookie} from '../../../src/engine/storage/stored-cookie.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {StateFolder, cookieOrigin, cookiesSent} from './cookie-scene.ts'

const day = 24 * 3600 * 1000

function cookie(name: string, facts: Partial<StoredCookie> = {}): StoredCookie {
  const now = Date.now()
  return {
    domain: 'h.example',
    hostOnly: true,
    path: '/',
    name,
    value: '1',
    secure: false,
    httpOnly: false,
    expires: now + day,
    created: now,
    accessed: now,
    ...facts
  }
}

function shelves(): [string, () => CookieShelf][] {
  const onDisk = (): CookieShelf => {
    const path = join(scratchFolder(), 'stores.sqlite')
    return new CookieStore(new Database({path, tables: cookieTables, report: () => {}}), 'shared')
  }
  return [
    ['on disk', onDisk],
    ['in memory', () => new MemoryCookies()]
  ]
}

async function namesOn(shelf: CookieShelf, domain = 'h.example'): Promise<string[]> {
  return (await shelf.find([domain])).map(({name}) => name)
}

describe.each(shelves())('cookies %s', (_where, open) => {
  it('come back as they were put there, odd bytes, prototype names and all [CVE 44]', async () => {
    const shelf = open()
    const odd = cookie('__proto__', {
      value: 'b\xE4"=,\xFF',
      path: '/__proto__',
      expires: undefined,
      secure: true
    })
    await shelf.put([odd])
    expect(await shelf.find(['h.example'])).toEqual([odd])
    expect(await shelf.find(['__proto__'])).toEqual([])
  })

  it('are 180 of one domain at most: the longest unused go first', async () => {
    const shelf = open()
    const many = Array.from({length: 180}, (_, index) =>
      cookie(`c${index}`, {accessed: Date.now() - day + index})
    )
    await shelf.put(many)
    await shelf.touch(many.slice(0, 1), Date.now())
    await shelf.put([cookie('new'), cookie('other', {domain: 'sibling.example'})])
    const names = await namesOn(shelf)
    expect(names).toHaveLength(180)
    expect(names).toContain('c0')
    expect(names).not.toContain('c1')
    expect(await namesOn(shelf, 'sibling.example')).toEqual(['other'])
  })

  it('are 3000 in all at most', async () => {
    const shelf = open()
    const many = Array.from({length: 3001}, (_, index) =>
      cookie('a', {domain: `h${index}.example`, accessed: Date.now() - day + index})
    )
    await shelf.put(many)
    expect(await namesOn(shelf, 'h0.example')).toEqual([])
    expect(await namesOn(shelf, 'h1.example')).toEqual(['a'])
  })

  it('keep the time of their creation when they are replaced, and go when the replacement is over', async () => {
    const shelf = open()
    await shelf.put([cookie('a', {created: 1})])
    await shelf.put([cookie('a', {created: 2, value: 'new'})])
    expect(await shelf.find(['h.example'])).toMatchObject([{created: 1, value: 'new'}])
    await shelf.put([cookie('a', {expires: 0})])
    expect(await namesOn(shelf)).toEqual([])
  })

  it('without an end of their own are kept for 30 days after their last use', async () => {
    const shelf = open()
    const unused = (days: number): Partial<StoredCookie> => ({
      expires: undefined,
      accessed: Date.now() - days * day
    })
    await shelf.put([cookie('fresh', unused(29)), cookie('stale', unused(31))])
    expect(await namesOn(shelf)).toEqual(['fresh'])
  })

  it('are gone when they are cleared', async () => {
    const shelf = open()
    await shelf.clear()
    await shelf.put([cookie('a')])
    await shelf.clear()
    expect(await namesOn(shelf)).toEqual([])
  })
})

describe('the store of a session', () => {
  it('gives the next process what this one was told, also what has no expiry [R7, 3A 62]', async () => {
    const origin = await cookieOrigin(['fr=anjd&232', 'keep=1; Max-Age=3600'])
    const state = new StateFolder()
    await state.session().get(origin.url('/set'))
    // A second session on the same folder, while the first is still open, is what another process is.
    expect(await cookiesSent(state.session(), origin)).toBe('fr=anjd&232; keep=1')
  })

  it('is no other session’s, though they share the file', async () => {
    const origin = await cookieOrigin(['a=1'])
    const state = new StateFolder()
    await state.session({name: 'work'}).get(origin.url('/set'))
    expect(await cookiesSent(state.session({name: 'shared'}), origin)).toBeUndefined()
    expect(await cookiesSent(state.session({name: 'work'}), origin)).toBe('a=1')
  })

  it('is not made by a session that has nothing to keep, nor by an ephemeral one [R8]', async () => {
    const origin = await cookieOrigin(['a=1'])
    const state = new StateFolder()
    await state.session().get(origin.url('/echo'))
    const ephemeral = state.session({kind: 'ephemeral'})
    await ephemeral.get(origin.url('/set'))
    expect(await cookiesSent(ephemeral, origin)).toBe('a=1')
    expect(readdirSync(state.folder)).toEqual([])
  })

  it('takes cookies although none are sent [P14]', async () => {
    const origin = await cookieOrigin(['a=1'])
    const state = new StateFolder()
    const mute = state.session({changes: {cookies: {send: false}}})
    await mute.get(origin.url('/set'))
    expect(await cookiesSent(mute, origin)).toBeUndefined()
    expect(await cookiesSent(state.session(), origin)).toBe('a=1')
  })

  it('stays empty where no cookie is accepted, or there is no jar [P15]', async () => {
    const origin = await cookieOrigin(['a=1'])
    const state = new StateFolder()
    await state.session({changes: {cookies: {accept: 'never'}}}).get(origin.url('/set'))
    await state.session({changes: {cookies: {jar: 'none'}}}).get(origin.url('/set'))
    expect(existsSync(join(state.folder, 'stores.sqlite'))).toBe(false)
  })

  it('that others can read is not used, which is said once; the transfer goes on with what is in memory', async () => {
    const origin = await cookieOrigin(['a=1'])
    const state = new StateFolder()
    const path = join(state.folder, 'stores.sqlite')
    writeFileSync(path, '')
    chmodSync(path, 0o644)
    const recorded = state.session()
    await recorded.get(origin.url('/set'))
    expect(await cookiesSent(recorded, origin)).toBe('a=1')
    expect(state.reports).toMatchObject([{code: 'REFUSED'}])
    expect(readFileSync(path)).toHaveLength(0)
  })

  it('that is damaged is put aside, and a new one begins', async () => {
    const origin = await cookieOrigin(['a=1'])
    const state = new StateFolder()
    writeFileSync(join(state.folder, 'stores.sqlite'), 'nonsense', {mode: 0o600})
    await state.session().get(origin.url('/set'))
    expect(await cookiesSent(state.session(), origin)).toBe('a=1')
    expect(state.reports).toMatchObject([{code: 'READ_FAILED'}])
  })

  it('loses no cookie to another process that is told others at the same time', async () => {
    const state = new StateFolder()
    const names = Array.from({length: 8}, (_, index) => `c${index}=1`)
    const origins = await Promise.all(names.map(line => cookieOrigin([line])))
    await Promise.all(origins.map(origin => state.session().get(origin.url('/set'))))
    const sent = await cookiesSent(state.session(), origins[0] as (typeof origins)[number])
    expect(sent?.split('; ').toSorted()).toEqual(names)
  })

  it('says who last used what to the hour, without a write for each request', async () => {
    const origin = await cookieOrigin(['a=1'])
    const state = new StateFolder()
    await state.session().get(origin.url('/set'))
    using database = new DatabaseSync(join(state.folder, 'stores.sqlite'))
    database.exec('UPDATE cookies SET accessed = accessed - 7200000, created = created - 7200000')
    const {accessed: before} = database.prepare('SELECT accessed FROM cookies').get() ?? {}
    await cookiesSent(state.session(), origin)
    const {accessed: after} = database.prepare('SELECT accessed FROM cookies').get() ?? {}
    expect(Number(after) - Number(before)).toBeGreaterThan(7_000_000)
    await cookiesSent(state.session(), origin)
    expect(database.prepare('SELECT accessed FROM cookies').get()?.['accessed']).toBe(after)
  })
})
