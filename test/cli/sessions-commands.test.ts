import {describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {aValueForEveryKey, wordFor} from '../profiles/a-value-for-every-key.ts'
import {explanation} from './said.ts'
import {sessionsHome} from './sessions-home.ts'

const {done, sessions, shown} = sessionsHome()

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
