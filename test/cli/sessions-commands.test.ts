import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import type {Run} from '../cli-run/ferry.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {aValueForEveryKey, wordFor} from '../profiles/a-value-for-every-key.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

let home: string
beforeEach(() => {
  home = scratchFolder()
})

function sessions(...words: readonly string[]): Promise<Run> {
  return runFerry(['sessions', ...words], {env: {FERRY_HOME: home}})
}

async function done(...words: readonly string[]): Promise<string> {
  const {code, stdout, stderr} = await sessions(...words)
  expect(code, stderr).toBe(0)
  return stdout
}

interface Shown {
  readonly revision: number
  readonly configuration: Readonly<Record<string, unknown>>
}

async function shown(name: string): Promise<Shown> {
  return JSON.parse(await done('show', name, '--json')) as Shown
}

describe('ferry sessions', () => {
  it('lists what is built in, and what was made, by name', async () => {
    await done('create', 'nightly', '--kind', 'ephemeral')
    await done('create', 'ci', '--description', 'for the runners')
    expect(JSON.parse(await done('--json'))).toEqual([
      {name: 'shared', kind: 'default', revision: 0, description: expect.any(String)},
      {name: 'ephemeral', kind: 'ephemeral', revision: 0, description: expect.any(String)},
      {name: 'background', kind: 'background', revision: 0, description: expect.any(String)},
      {name: 'ci', kind: 'default', revision: 1, description: 'for the runners'},
      {name: 'nightly', kind: 'ephemeral', revision: 1, description: null}
    ])
    expect(await done()).toMatch(
      /^shared .*\nephemeral .*\nbackground .*\nci +default +for the runners\nnightly +ephemeral\n$/
    )
    expect(await done('list')).toBe(await done())
  })

  it('explains a command that is none with the nearest one', async () => {
    const refused = await sessions('craete', 'ci')
    expect(refused.code).toBe(2)
    expect(explanation(refused).next).toBe('Did you mean: ferry sessions create')
    expect(explanation(await sessions('paint')).next).toContain('create, show, set, unset, remove')
  })

  it.each(['create', 'show', 'set', 'unset', 'remove'])(
    'has help for what stands below it: %s',
    async word => {
      const [asked, flagged] = await Promise.all([
        runFerry(['help', 'sessions', word]),
        runFerry(['sessions', word, '--help'])
      ])
      expect(asked).toMatchObject({code: 0, stdout: expect.stringContaining(`$ ferry sessions ${word} NAME`)})
      expect(asked.stdout).toContain('EXAMPLES')
      expect(flagged.stdout).toBe(asked.stdout)
    }
  )

  it('shows what is below it in its own help', async () => {
    const {stdout} = await runFerry(['help', 'sessions'])
    for (const word of ['create', 'show', 'set', 'unset', 'remove'])
      expect(stdout).toContain(`sessions ${word}`)
  })
})

describe('sessions show', () => {
  it('prints every key with its value, null where there is none, and nothing else', async () => {
    const document = JSON.parse(await done('show', 'shared', '--json')) as object
    expect(Object.keys(document)).toEqual(['name', 'kind', 'revision', 'configuration', 'description'])
    expect(document).toMatchObject({
      name: 'shared',
      configuration: {
        identifier: null,
        timeouts: {connect: 30, idle: 60, total: 604_800},
        maxConnectionsPerHost: 6,
        headers: {},
        hosts: {},
        cookies: {accept: 'mainDocument', send: true, jar: null},
        proxy: {url: null, noProxy: []},
        discretionary: {window: null},
        hooks: {onRedirect: null}
      }
    })
    expect(JSON.stringify(document)).not.toContain('insecure')
  })

  it('gives back all that set was given, as words that set takes again', async () => {
    await done('create', 'one')
    const keys = Object.entries(aValueForEveryKey).filter(([key]) => key !== 'discretionary.window')
    const words = keys.map(([key, sample]) => wordFor(key, sample))
    await done('set', 'one', ...words, 'hosts.*.example.com.headers.X-Team=a')
    await done('set', 'one', 'cookies.sources=["/a,b.txt"]')
    const lines = (await done('show', 'one')).trimEnd().split('\n').slice(1)
    expect(lines).toHaveLength(words.length + 1)
    await done('create', 'two')
    await done('set', 'two', ...lines)
    expect((await shown('two')).configuration).toEqual((await shown('one')).configuration)
  })

  it('escapes what a description could do to a terminal', async () => {
    await done('create', 'ci', '--description', 'red \u001B[31m')
    expect(await done('show', 'ci')).toContain(String.raw`red ^[[31m`)
    expect(await done()).not.toContain('\u001B')
  })
})

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
    expect(existsSync(join(home, 'config'))).toBe(false)
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
    const file = join(home, 'config', 'sessions.json')
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
    mkdirSync(join(home, 'config', 'sessions.lock'), {recursive: true})
    const refused = await sessions('create', 'ci')
    expect(refused.code).toBe(23)
    expect(explanation(refused).why).toContain(join(home, 'config'))
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
