import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {startRealm} from './realm.ts'
import type {Realm} from './realm.ts'

const bytes = seededBytes(2_000_000, 33)
let realm: Realm

beforeAll(async () => {
  realm = await startRealm()
  realm.apache.write('F', bytes)
}, 60_000)
afterAll(() => realm?.close())

describe('With the ticket of kinit', () => {
  it('a file is got through Negotiate, which is a challenge for the session, and nobody is asked [R33, R35]', async () => {
    const [cwd, requests] = [scratchFolder(), realm.watchRequests()]
    const run = await realm.ferry(['get', '--negotiate', '--events', realm.url('/kerberos/F')], {
      env: realm.signedIn(),
      cwd
    })
    expect(run).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F')).equals(bytes)).toBe(true)
    const events = run.stdout.split('\n').filter(line => line.includes('"task.challenge"'))
    expect(events.map(line => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        scope: 'session',
        method: 'Negotiate',
        previousFailureCount: 0,
        disposition: 'useCredential'
      })
    ])
    expect(await requests(2)).toMatchObject([
      {status: 401, authorization: '-'},
      {status: 200, user: 'alice@FERRY.TEST', authorization: expect.stringMatching(/^Negotiate \w/)}
    ])
  })

  it("curl's words do the same", async () => {
    const cwd = scratchFolder()
    const words = ['--negotiate', '-u', ':', '-fsSL', '-o', 'copy', realm.url('/kerberos/F')]
    expect(await realm.ferry(words, {env: realm.signedIn(), cwd})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'copy')).equals(bytes)).toBe(true)
  })

  it('nothing is said of it to a server unless the session or the command line allows it', async () => {
    const requests = realm.watchRequests()
    const run = await realm.ferry(['get', realm.url('/kerberos/F')], {env: realm.signedIn()})
    expect(run).toMatchObject({code: 22, stderr: expect.stringContaining('401')})
    expect(await requests(1)).toMatchObject([{status: 401, authorization: '-'}])
  })

  it('an interrupted transfer goes on where it was', async () => {
    const [cwd, requests] = [scratchFolder(), realm.watchRequests()]
    const env = {...realm.signedIn(), FERRY_HOME: scratchFolder()}
    const words = ['get', '--negotiate', realm.url('/kerberos/F')]
    const first = realm.start([...words, '--limit-rate', '300k'], {env, cwd})
    await realm.untilHeld(join(cwd, 'F.part'))
    first.kill('SIGINT')
    expect(await first.done).toMatchObject({code: 130})
    expect(existsSync(join(cwd, 'F'))).toBe(false)
    expect(await realm.ferry(words, {env, cwd})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F')).equals(bytes)).toBe(true)
    const answered = (await requests(4)).filter(({status}) => status !== 401)
    expect(answered.map(({status}) => status)).toEqual([200, 206])
    expect(answered[1]?.range).toMatch(/^bytes=[1-9]\d*-$/)
  })

  it('neither token nor ticket goes along to another origin that the server redirects to [R38]', async () => {
    const requests = realm.watchRequests()
    const words = ['get', '--negotiate', realm.url('/kerberos/away')]
    expect(await realm.ferry(words, {env: realm.signedIn()})).toMatchObject({code: 22})
    expect(await requests(3)).toMatchObject([
      {uri: '/kerberos/away', status: 401, authorization: '-'},
      {uri: '/kerberos/away', status: 302, authorization: expect.stringMatching(/^Negotiate /)},
      {uri: '/kerberos/F', status: 401, authorization: '-'}
    ])
  })

  it('no right to act for the user is given away: the ticket itself stays here', async () => {
    const env = realm.signedIn()
    const before = realm.kdc.issued.length
    await realm.ferry(['get', '--negotiate', realm.url('/kerberos/F')], {env})
    expect(realm.kdc.issued.slice(before)).toEqual([`HTTP/files.ferry.test@FERRY.TEST`])
  })
})

describe('A server that takes a ticket or a password', () => {
  it('is given the ticket where one may be used', async () => {
    const requests = realm.watchRequests()
    const words = ['get', '--negotiate', realm.url('/either/F')]
    expect(await realm.ferry(words, {env: realm.signedIn()})).toMatchObject({code: 0})
    expect((await requests(2)).at(-1)).toMatchObject({authorization: expect.stringMatching(/^Negotiate /)})
  })

  it('is given the password where that is all there is', async () => {
    const requests = realm.watchRequests()
    const {name, password} = realm.alice
    const words = ['get', '-u', 'env:WHO', realm.url('/either/F')]
    const env = {...realm.stranger(), WHO: `${name}:${password}`}
    expect(await realm.ferry(words, {env})).toMatchObject({code: 0})
    expect((await requests(1)).at(-1)).toMatchObject({user: 'alice@FERRY.TEST', status: 200})
  })

  it('is given the password where the ticket cannot be used', async () => {
    const {name, password} = realm.alice
    const words = ['get', '--negotiate', '--anyauth', '-u', 'env:WHO', realm.url('/either/F')]
    const env = {...realm.stranger(), WHO: `${name}:${password}`}
    expect(await realm.ferry(words, {env})).toMatchObject({code: 0})
  })
})
