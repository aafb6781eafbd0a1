import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {readKeyValue} from '../../src/cli/key-value.ts'
import {describeConfiguration} from '../../src/profiles/configuration.ts'
import {keyDefinitions} from '../../src/profiles/keys.ts'
import {changeProfile, createProfile} from '../../src/profiles/profile-changes.ts'
import {readProfile} from '../../src/profiles/profile-file.ts'
import {withSettings, withoutKeys} from '../../src/profiles/settings.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {aValueForEveryKey, shownUnder, wordFor} from './a-value-for-every-key.ts'
import {canary} from '../canary/canary.ts'

const misplacedSecret = canary('misplaced')

const plain = {name: 'ci', kind: 'default', description: undefined, values: {}} as const
// Keys that only one kind of session can have.
const kinds: Readonly<Record<string, 'background'>> = {'discretionary.window': 'background'}
// A key alone says nothing without the certificate that it belongs to.
const needs: Readonly<Record<string, string>> = {'tls.key': 'tls.cert=/etc/client.pem'}

async function shownAfter(...words: readonly string[]): Promise<unknown> {
  const place = {folder: scratchFolder(), warn: () => {}}
  const kind = kinds[words.at(-1)?.split('=')[0] ?? ''] ?? plain.kind
  await createProfile({...plain, kind}, place)
  await changeProfile('ci', values => withSettings(values, words.map(readKeyValue)), place)
  return describeConfiguration(await readProfile('ci', place))
}

describe('Every key of a session', () => {
  it('has a value in the table of these tests', () => {
    expect(Object.keys(aValueForEveryKey)).toEqual(Object.keys(keyDefinitions))
  })

  it('is in the table of docs/sessions.md, with what it means', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/sessions.md'), 'utf8')
    const rows = page.split('\n').map(line => line.split('|').map(cell => cell.trim()))
    for (const [name, {scope, summary}] of Object.entries(keyDefinitions)) {
      const key = name
        .replace('headers.*', 'headers.NAME')
        .replace('network.resolve.*', 'network.resolve.HOST:PORT')
      const first = `\`${key}\`${scope === 'session' ? ' ¹' : ''}`
      expect(rows).toContainEqual(['', first, expect.any(String), summary, ''])
    }
  })

  it.each(Object.entries(aValueForEveryKey))(
    'is set, kept in the file, and shown as it was set [3A 65]: %s',
    async (key, sample) => {
      const [words, shown] = sample
      const before = shownUnder(describeConfiguration({...plain, revision: 1}), key, words)
      expect(before).not.toEqual(shown)
      const required = needs[key] === undefined ? [] : [needs[key]]
      const after = await shownAfter(...required, wordFor(key, sample))
      expect(shownUnder(after, key, words)).toEqual(shown)
    }
  )

  it.each(Object.entries(aValueForEveryKey).filter(([key]) => keyDefinitions[key]?.scope === 'host'))(
    'that may differ from host to host is kept for one host too: %s',
    async (key, sample) => {
      const [words, shown] = sample
      const after = await shownAfter(`hosts.files.example.com:8443.${wordFor(key, sample)}`)
      const rules = shownUnder(shownUnder(after, 'hosts', ''), 'files', '')
      expect(rules).toBeUndefined()
      const hosts = shownUnder(after, 'hosts', '') as Record<string, unknown>
      expect(shownUnder(hosts['files.example.com:8443'], key, words)).toEqual(shown)
    }
  )

  it.each(Object.entries(aValueForEveryKey).filter(([key]) => keyDefinitions[key]?.scope === 'session'))(
    'that is the whole session’s is refused for one host: %s',
    (key, sample) => {
      expect(() => readKeyValue(`hosts.files.example.com.${wordFor(key, sample)}`)).toThrow(
        expect.objectContaining({
          code: 'CONFIGURATION_REFUSED',
          message: expect.stringContaining('cannot differ from host to host')
        })
      )
    }
  )

  it.each(Object.keys(aValueForEveryKey))('goes back to its default with null, and with unset: %s', key => {
    const sample = aValueForEveryKey[key] ?? ['', '']
    const set = withSettings({}, [readKeyValue(wordFor(key, sample))])
    const [name = ''] = Object.keys(set)
    expect(withSettings(set, [readKeyValue(`${name}=null`)])).toEqual({})
    expect(withoutKeys(set, [name])).toEqual({values: {}, idle: []})
  })
})

describe('A value out of range', () => {
  it.each([
    ['timeouts.idle', '0', /above 0/],
    ['timeouts.total', 'soon', /above 0/],
    ['maxParallelTasks', '0', /1 or more/],
    ['maxConnectionsPerHost', '1.5', /1 or more/],
    ['retry.attempts', '-1', /0 or more/],
    ['limits.rate', '0', /1 or more/],
    ['cache.policy', 'sometimes', /protocol, reload, revalidate, cacheElseLoad, cacheOnly/],
    ['cookies.accept', 'maybe', /always, never, mainDocument/],
    ['tls.min', 'TLSv1.1', /TLSv1\.2, TLSv1\.3/],
    ['network.family', '5', /4, 6/],
    ['network.localAddress', 'eth0', /IP address/],
    ['network.resolve.files.test:443', 'files.test', /IP addresses/],
    ['redirects.follow', 'yes', /true or false/],
    ['discretionary.window', '1:00-6:00', /two times of the day/],
    ['discretionary.window', '01:00-24:00', /two times of the day/],
    ['proxy.url', 'ftp://127.0.0.1:21', /http:\/\/HOST:PORT/],
    ['tls.pins', 'abc', /SHA-256/],
    ['tls.ca', '', /path/],
    ['headers.X-Team', '', /text/]
  ])('is refused with the range: %s=%s', (key, value, range) => {
    expect(() => readKeyValue(`${key}=${value}`)).toThrow(
      expect.objectContaining({code: 'CONFIGURATION_REFUSED', message: expect.stringMatching(range)})
    )
  })

  it('is not repeated: it may be a secret that went to the wrong key', () => {
    expect(() => readKeyValue(`timeouts.idle=${misplacedSecret}`)).toThrow(
      expect.objectContaining({message: expect.not.stringContaining('canary')})
    )
  })
})

describe('Values', () => {
  it('that are paths become absolute, because the session is used in other folders', () => {
    expect(readKeyValue('tls.ca=ca.pem').value).toBe(`${process.cwd()}/ca.pem`)
    expect(readKeyValue('tls.ca=~/ca.pem').value).not.toContain('~')
    expect(readKeyValue('credentials.bearer=@token').value).toBe(`@${process.cwd()}/token`)
    expect(readKeyValue('headers.Authorization=Bearer @token').value).toBe(`Bearer @${process.cwd()}/token`)
  })

  it('of a header replace the one whose name is spelt in other cases, for a host too', async () => {
    const shown = await shownAfter('headers.X-Team=a', 'headers.x-team=b', 'hosts.one.test.headers.X-TEAM=c')
    expect(shown).toMatchObject({
      headers: {'x-team': 'b'},
      hosts: {'one.test': {headers: {'x-team': 'c'}}}
    })
  })

  it('of names that objects have anyway are ordinary values', async () => {
    const shown = await shownAfter('headers.constructor=a', 'hosts.__proto__.timeouts.idle=5')
    expect(JSON.stringify(shown)).toContain('"hosts":{"__proto__":{"timeouts":{"idle":5}}}')
    expect({}).not.toHaveProperty('timeouts')
  })
})

describe('A rule for one host', () => {
  it.each([
    ['hosts.example.com.timeouts.idle', 'hosts.example.com.timeouts.idle'],
    ['hosts.EXAMPLE.com.headers.X-A', 'hosts.example.com.headers.X-A'],
    ['hosts.example.com:8443.headers.X-A', 'hosts.example.com:8443.headers.X-A'],
    ['hosts.*.example.com.headers.X-A', 'hosts.*.example.com.headers.X-A'],
    ['hosts.[::1]:80.headers.X-A', 'hosts.[::1]:80.headers.X-A'],
    ['hosts.headers.example.com.timeouts.idle', 'hosts.headers.example.com.timeouts.idle'],
    ['hosts.bücher.example.headers.X-A', 'hosts.xn--bcher-kva.example.headers.X-A']
  ])('names its host, which may have dots of its own: %s', (given, key) => {
    expect(readKeyValue(`${given}=5`).key).toBe(key)
  })

  it.each([
    'hosts.timeouts',
    'hosts.a b.timeouts.idle',
    'hosts.a/b.timeouts.idle',
    'hosts.a:99999.timeouts.idle'
  ])('is refused where it names none: %s', given => {
    expect(() => readKeyValue(`${given}=5`)).toThrow(expect.objectContaining({code: 'CONFIGURATION_REFUSED'}))
  })

  it('is taken back as a whole by the name of the host, and no other with it', () => {
    const words = [
      'hosts.a.test.timeouts.idle=5',
      'hosts.a.test.headers.X-A=1',
      'hosts.a.test2.headers.X-A=1'
    ]
    const values = withSettings({}, words.map(readKeyValue))
    expect(Object.keys(withoutKeys(values, ['hosts.A.test']).values)).toEqual(['hosts.a.test2.headers.X-A'])
    expect(withoutKeys(values, ['hosts']).values).toEqual({})
  })
})
