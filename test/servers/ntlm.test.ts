import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import type {AskedOfApache} from './apache.ts'
import {startRealm} from './realm.ts'
import type {Realm} from './realm.ts'

const bytes = seededBytes(300_000, 34)
let realm: Realm

beforeAll(async () => {
  realm = await startRealm(`FERRY:bob:${canary('bob')}\n`)
  realm.apache.write('F', bytes)
}, 60_000)
afterAll(() => realm?.close())

/** The environment of somebody without a ticket, whose login gss-ntlmssp finds in a file. */
function knownToNtlm(file = realm.apache.ntlmUsers): Readonly<Record<string, string>> {
  return {...realm.stranger(), NTLM_USER_FILE: file}
}

// Apache offers NTLM in Negotiate too, and that comes first unless somebody refuses it.
function onlyBare(): readonly string[] {
  const script = join(scratchFolder(), 'decide')
  writeFileSync(
    script,
    `case "$(cat)" in
      *'"method":"NTLM"'*) echo '{"decision":"performDefaultHandling"}' ;;
      *) echo '{"decision":"rejectProtectionSpace"}' ;;
    esac`
  )
  return ['--on-challenge', `sh ${script}`]
}

const ways = [
  {way: 'inside Negotiate', scheme: 'Negotiate', choice: () => []},
  {way: 'bare', scheme: 'NTLM', choice: onlyBare}
] as const

function statuses(requests: readonly AskedOfApache[]): readonly number[] {
  return requests.map(({status}) => status)
}

describe.each(ways)('NTLM $way', ({scheme, choice}) => {
  it('gets a file with the login of gss-ntlmssp, on one connection [R33]', async () => {
    const [cwd, watched] = [scratchFolder(), realm.watchRequests()]
    const words = ['get', '--negotiate', '--events', ...choice(), realm.url('/ntlm/F')]
    const run = await realm.ferry(words, {env: knownToNtlm(), cwd})
    expect(run).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F')).equals(bytes)).toBe(true)
    const challenge = run.stdout.split('\n').findLast(line => line.includes('"task.challenge"')) ?? ''
    expect(JSON.parse(challenge)).toMatchObject({scope: 'session', method: scheme})
    const requests = await watched(3)
    expect(statuses(requests)).toEqual([401, 401, 200])
    const [, offered, whole] = requests
    expect(whole).toMatchObject({authorization: expect.stringMatching(`^${scheme} `)})
    expect(whole?.user).toMatch(/^FERRY\\+bob$/)
    expect(whole?.clientPort).toBe(offered?.clientPort)
  })

  it('is spoken also by somebody who has a ticket, which the server does not take', async () => {
    const env = {...realm.signedIn(), NTLM_USER_FILE: realm.apache.ntlmUsers}
    const requests = realm.watchRequests()
    const words = ['get', '--negotiate', ...choice(), realm.url('/ntlm/F')]
    expect(await realm.ferry(words, {env})).toMatchObject({code: 0})
    const whole = (await requests(3)).find(({status}) => status === 200)
    expect(whole?.user).toMatch(/^FERRY\\+bob$/)
  })

  it('signs in again after a redirection', async () => {
    const words = ['get', '--negotiate', ...choice(), realm.url('/ntlm/on')]
    const requests = realm.watchRequests()
    expect(await realm.ferry(words, {env: knownToNtlm()})).toMatchObject({code: 0})
    expect(statuses(await requests(6))).toEqual([401, 401, 302, 401, 401, 200])
  })

  it('signs in several transfers at once, each on a connection of its own', async () => {
    const requests = realm.watchRequests()
    const urls = Array.from({length: 6}, (_, number) => realm.url(`/ntlm/F?${number}`))
    const words = ['get', '--negotiate', '--if-exists', 'rename', ...choice(), ...urls]
    expect(await realm.ferry(words, {env: knownToNtlm()})).toMatchObject({code: 0})
    const served = (await requests(18)).filter(({status}) => status === 200)
    expect(new Set(served.map(({clientPort}) => clientPort)).size).toBe(6)
  })

  it.each([
    ['a short file', 100],
    ['a file so long that the server is asked whether it wants it', 3_000_000]
  ])('signs in to send %s, on one connection', async (_what, size) => {
    const [cwd, requests] = [scratchFolder(), realm.watchRequests()]
    writeFileSync(join(cwd, 'F'), seededBytes(size, 1))
    const words = ['upload', '--negotiate', '--resumable', 'none', ...choice(), 'F', realm.url('/ntlm/F')]
    const run = await realm.ferry(words, {env: knownToNtlm(), cwd})
    // It knows who asks, and stores nothing for anybody.
    expect(run.stderr).toContain('405')
    const [, offered, whole] = await requests(3)
    expect(whole).toMatchObject({status: 405, user: expect.stringMatching(/^FERRY\\+bob$/) as string})
    expect(whole?.clientPort).toBe(offered?.clientPort)
  })

  it('is tried once with a wrong password', async () => {
    const file = join(scratchFolder(), 'ntlm')
    writeFileSync(file, `FERRY:bob:${canary('wrong')}\n`)
    const requests = realm.watchRequests()
    const words = ['get', '--negotiate', ...choice(), realm.url('/ntlm/F')]
    const run = await realm.ferry(words, {env: knownToNtlm(file)})
    expect(run).toMatchObject({code: 22, stderr: expect.stringContaining('does not take the login')})
    expect(statuses(await requests(3))).toEqual([401, 401, 401])
  })
})

describe('A server that wants NTLM alone is explained', () => {
  const ntlmAlone = respond(401, {'WWW-Authenticate': 'NTLM'}, 'who are you?')

  it('to somebody who did not say how to sign in', async () => {
    await using origin = await startOrigin()
    origin.on('/', ntlmAlone)
    const run = await realm.ferry(['get', '-o', 'F', origin.url('/')], {env: knownToNtlm()})
    expect(run).toMatchObject({code: 22, stderr: expect.stringContaining('wants NTLM')})
    expect(run.stderr).toContain('--negotiate')
    expect(origin.requests).toHaveLength(1)
  })

  it.each(['no login at all', 'a ticket'])('to somebody who has %s', async what => {
    await using origin = await startOrigin()
    origin.on('/', ntlmAlone)
    const env = what === 'a ticket' ? realm.signedIn() : realm.stranger()
    const run = await realm.ferry(['get', '--negotiate', '-o', 'F', origin.url('/')], {env})
    expect(run.code).toBe(22)
    expect(run.stderr).toContain('wants NTLM, and there is no login for it here')
    expect(run.stderr).toContain('gss-ntlmssp')
    expect(origin.requests).toHaveLength(1)
  })
})
