import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {explanation} from './said.ts'
import {sessionsHome} from './sessions-home.ts'

const {done, folder, sessions, shown} = sessionsHome()

describe('sessions set and unset', () => {
  it('count the revision, and refuse the whole of a change with one wrong word [R58]', async () => {
    await done('create', 'ci')
    await done('set', 'ci', 'timeouts.idle=5', 'retry.attempts=1')
    expect((await shown('ci')).revision).toBe(2)
    const refused = await sessions('set', 'ci', 'timeouts.idle=6', 'timeouts.idel=7')
    expect(refused.code).toBe(2)
    expect(explanation(refused).next).toContain('Did you mean timeouts.idle?')
    expect(await shown('ci')).toMatchObject({revision: 2, configuration: {timeouts: {idle: 5}}})
    await done('unset', 'ci', 'timeouts.idle', 'retry')
    expect(await shown('ci')).toMatchObject({
      revision: 3,
      configuration: {timeouts: {idle: 60}, retry: {attempts: 5}}
    })
  })

  it('say what was the default already, and nothing with -q', async () => {
    await done('create', 'ci')
    const {stderr} = await sessions('unset', 'ci', 'timeouts.idle')
    expect(stderr).toContain('timeouts.idle had its default already')
    expect(await sessions('unset', '-q', 'ci', 'timeouts.idle')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: ''
    })
  })

  it.each([
    [['set'], 'KEY=VALUE'],
    [['set', 'ci'], 'KEY=VALUE'],
    [['set', 'ci', 'timeouts.idle', '5'], 'KEY=VALUE'],
    [['unset', 'ci'], 'KEY'],
    [['show'], 'NAME'],
    [['create'], 'NAME'],
    [['create', 'a', 'b'], 'one name'],
    [['remove'], 'NAME']
  ])('and the others explain words that are missing: %j', async (words, why) => {
    const refused = await sessions(...words)
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toContain(why)
  })

  it('by many processes at once lose nothing', async () => {
    await done('create', 'ci')
    const names = ['A', 'B', 'C', 'D', 'E']
    await Promise.all(names.map(name => done('set', 'ci', `headers.X-${name}=1`)))
    const {revision, configuration} = await shown('ci')
    expect(revision).toBe(6)
    expect(Object.keys(configuration['headers'] as object).toSorted()).toEqual(names.map(name => `X-${name}`))
  })
})

describe('The file of sessions', () => {
  it('that is damaged is named and left alone, and shared goes on', async () => {
    await done('create', 'ci')
    const file = join(folder(), 'config', 'sessions.json')
    writeFileSync(file, '{"version": 1, ')
    for (const words of [
      ['show', 'ci'],
      ['set', 'ci', 'timeouts.idle=1'],
      ['create', 'b'],
      ['remove', 'ci'],
      []
    ]) {
      const refused = await sessions(...words)
      expect(refused.code).toBe(26)
      expect(explanation(refused).why).toContain(file)
    }
    expect(readFileSync(file, 'utf8')).toBe('{"version": 1, ')
    await done('show', 'shared')
  })

  it('that cannot be written is explained', async () => {
    mkdirSync(join(folder(), 'config', 'sessions.lock'), {recursive: true})
    const refused = await sessions('create', 'ci')
    expect(refused.code).toBe(23)
    expect(explanation(refused).why).toContain(join(folder(), 'config'))
  })
})

describe('A session that is removed', () => {
  it('is unknown afterwards, and its name is free again', async () => {
    await done('create', 'ci', '-H', 'X-Team: a')
    await done('remove', 'ci')
    expect(explanation(await sessions('show', 'ci')).code).toBe('SESSION_UNKNOWN')
    await done('create', 'ci')
    expect(await shown('ci')).toMatchObject({revision: 1, configuration: {headers: {}}})
    expect((await sessions('create', 'ci')).code).toBe(2)
  })
})
