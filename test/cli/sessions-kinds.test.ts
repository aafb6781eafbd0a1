import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {explanation} from './said.ts'
import {sessionsHome} from './sessions-home.ts'

const {done, folder, sessions, shown} = sessionsHome()

describe('A background session', () => {
  it('is made with its kind, and is known by its name [P1, R12]', async () => {
    await done('create', 'night', '--kind', 'background', '--max-time', '1h')
    await done('set', 'night', 'discretionary.window=22:00-06:00')
    expect(await shown('night')).toMatchObject({
      kind: 'background',
      configuration: {identifier: 'night', discretionary: {window: '22:00-06:00'}, timeouts: {total: 3600}}
    })
    const refused = await sessions('create', 'other', '--from', 'night', '--kind', 'default')
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toContain('discretionary.window is for background sessions only')
  })
})

describe('A session that is built in', () => {
  it.each([
    ['set', 'shared', 'timeouts.idle=1'],
    ['unset', 'shared', 'timeouts.idle'],
    ['remove', 'shared'],
    ['create', 'shared'],
    ['set', 'ephemeral', 'timeouts.idle=1'],
    ['create', 'background'],
    ['set', 'background', 'discretionary.window=01:00-06:00']
  ])('cannot be changed or made: %s %s %s [R3]', async (...words) => {
    const refused = await sessions(...words)
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toMatch(/built in and cannot be changed/)
    expect(existsSync(join(folder(), 'config'))).toBe(false)
  })
})

describe('A copy', () => {
  it('is its own: what it was copied from stays as it is, to the byte [R6]', async () => {
    const before = await done('show', 'default', '--json')
    await done('create', 'a', '--from', 'default', '--idle-timeout', '9')
    await done('create', 'b', '--from', 'a', '--kind', 'ephemeral', '--retry', '1')
    const a = await done('show', 'a', '--json')
    await done('set', 'b', 'timeouts.idle=8', 'headers.X-Team=b')
    expect(await done('show', 'default', '--json')).toBe(before)
    expect(await done('show', 'a', '--json')).toBe(a)
    expect(await shown('b')).toMatchObject({
      kind: 'ephemeral',
      configuration: {timeouts: {idle: 8}, retry: {attempts: 1}, headers: {'X-Team': 'b'}}
    })
  })

  it('changed later than its original has been does not follow it', async () => {
    await done('create', 'a', '--idle-timeout', '9')
    await done('create', 'b', '--from', 'a')
    await done('set', 'a', 'timeouts.idle=7')
    expect(await shown('b')).toMatchObject({configuration: {timeouts: {idle: 9}}})
  })
})
