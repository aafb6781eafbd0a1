import {chmodSync, readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {StateFolder, cookieOrigin, cookiesSent} from './cookie-scene.ts'
import {canary} from '../../canary/canary.ts'

const storesSecret = canary('cookie')

const secret = storesSecret

const bytesIn = (folder: string): Buffer =>
  Buffer.concat(
    readdirSync(folder)
      .filter(name => name.startsWith('stores.sqlite'))
      .map(name => readFileSync(join(folder, name)))
  )

describe('a flush', () => {
  it('resolves when the file itself holds what was stored, and cookies survive it [R61, R63]', async () => {
    const origin = await cookieOrigin([`a=${secret}`])
    const state = new StateFolder()
    const recorded = state.session()
    await recorded.get(origin.url('/set'))
    await recorded.session.flush()
    expect(readFileSync(join(state.folder, 'stores.sqlite')).includes(secret)).toBe(true)
    expect(readFileSync(join(state.folder, 'stores.sqlite-wal'))).toHaveLength(0)
    expect(await cookiesSent(recorded, origin)).toBe(`a=${secret}`)
  })

  it('of a session that stored nothing makes nothing', async () => {
    const state = new StateFolder()
    const {session} = state.session()
    await session.flush()
    await session.reset()
    expect(readdirSync(state.folder)).toEqual([])
  })
})

describe('a reset', () => {
  it('takes cookies from memory and disk, so that no byte of them is left, and spares other sessions [R62]', async () => {
    const [origin, other] = [await cookieOrigin([`a=${secret}`]), await cookieOrigin(['b=2'])]
    const state = new StateFolder()
    const [mine, work] = [state.session(), state.session({name: 'work'})]
    await mine.get(origin.url('/set'))
    await work.get(other.url('/set'))
    await mine.session.flush()
    expect(bytesIn(state.folder).includes(secret)).toBe(true)
    await mine.session.reset()
    expect(bytesIn(state.folder).includes(secret)).toBe(false)
    expect(await cookiesSent(mine, origin)).toBeUndefined()
    expect(await cookiesSent(state.session(), origin, '/again')).toBeUndefined()
    expect(await cookiesSent(work, other)).toBe('b=2')
  })

  it('that cannot empty a store says so, and does not pretend', async () => {
    const origin = await cookieOrigin(['a=1'])
    const state = new StateFolder()
    const first = state.session()
    await first.get(origin.url('/set'))
    await first.session.finishTasksAndInvalidate()
    chmodSync(join(state.folder, 'stores.sqlite'), 0o644)
    const second = state.session()
    await expect(second.session.reset()).rejects.toMatchObject({code: 'REFUSED'})
    expect(await cookiesSent(second, origin)).toBeUndefined()
    await expect(second.session.reset()).rejects.toMatchObject({code: 'REFUSED'})
  })

  it('of an ephemeral session empties what it has in memory [R62]', async () => {
    const origin = await cookieOrigin(['a=1'])
    const recorded = new StateFolder().session({kind: 'ephemeral'})
    await recorded.get(origin.url('/set'))
    await recorded.session.reset()
    expect(await cookiesSent(recorded, origin)).toBeUndefined()
    await recorded.get(origin.url('/set'))
    expect(await cookiesSent(recorded, origin)).toBe('a=1')
  })
})
