import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {startRealm} from './realm.ts'
import type {Realm} from './realm.ts'

let realm: Realm

beforeAll(async () => {
  realm = await startRealm()
  realm.apache.write('F', Buffer.from('content'))
}, 60_000)
afterAll(() => realm?.close())

type Environment = Readonly<Record<string, string>>

/** The environment of alice, who has a session `work` with these keys. */
async function withSession(...keys: readonly string[]): Promise<Environment> {
  const env = {...realm.signedIn(), FERRY_HOME: scratchFolder()}
  expect(await realm.manage(['sessions', 'create', 'work'], env)).toMatchObject({code: 0})
  expect(await realm.manage(['sessions', 'set', 'work', ...keys], env)).toMatchObject({code: 0})
  return env
}

describe('A session', () => {
  it('with credentials.negotiate signs in by itself, and another one does not', async () => {
    const [env, cwd] = [await withSession('credentials.negotiate=true'), scratchFolder()]
    const words = ['get', realm.url('/kerberos/F')]
    expect(await realm.ferry([...words, '--session', 'work'], {env, cwd})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F'), 'utf8')).toBe('content')
    expect(await realm.ferry([...words, '--if-exists', 'replace'], {env, cwd})).toMatchObject({code: 22})
  })

  it('with rules for single hosts signs in there, also behind a redirection, and nowhere else', async () => {
    const {port} = realm.apache
    const rule = (name: string): string => `hosts.${name}.ferry.test:${port}.credentials.negotiate=true`
    const words = ['get', '--session', 'work', realm.url('/kerberos/away')]
    const requests = realm.watchRequests()
    const both = await withSession(rule('files'), rule('elsewhere'))
    expect(await realm.ferry(words, {env: both})).toMatchObject({code: 0})
    expect((await requests(4)).map(({status}) => status)).toEqual([401, 302, 401, 200])
    const one = await withSession(rule('files'))
    expect(await realm.ferry(words, {env: one})).toMatchObject({code: 22})
    expect((await requests(7)).slice(4).map(({status}) => status)).toEqual([401, 302, 401])
  })
})
