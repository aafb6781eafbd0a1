import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import type {AskedOfApache} from './apache.ts'
import {startRealm} from './realm.ts'
import type {Realm} from './realm.ts'

const bytes = seededBytes(2_000_000, 35)
let realm: Realm

beforeAll(async () => {
  realm = await startRealm()
  realm.apache.write('F', bytes)
}, 60_000)
afterAll(() => realm?.close())

/** carol, by reference: her password is in no list of processes. */
function carol(password = realm.carol.password): Readonly<Record<string, string>> {
  return {...realm.stranger(), WHO: `${realm.carol.name}:${password}`, FERRY_HOME: scratchFolder()}
}

interface Asking {
  readonly words: readonly string[]
  /** How many requests it takes. */
  readonly count: number
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

async function asked({words, count, env = carol(), cwd = scratchFolder()}: Asking): Promise<Asked> {
  const requests = realm.watchRequests()
  const {code} = await realm.ferry(['get', ...words], {env, cwd})
  return {code, cwd, requests: await requests(count)}
}

interface Asked {
  readonly code: number | null
  readonly cwd: string
  readonly requests: readonly AskedOfApache[]
}

describe("Apache's Digest", () => {
  it.each([
    {when: 'when it was wished for', flags: ['--digest'], first: '-'},
    {when: 'when any method will do', flags: ['--anyauth'], first: '-'},
    {when: 'when Basic was tried unasked', flags: [], first: 'Basic'}
  ])('is answered with name and password $when [R34]', async ({flags, first}) => {
    const words = [...flags, '-u', 'env:WHO', realm.url('/digest/F')]
    const {code, cwd, requests} = await asked({words, count: 2})
    expect(code).toBe(0)
    expect(readFileSync(join(cwd, 'F')).equals(bytes)).toBe(true)
    expect(requests.map(({status}) => status)).toEqual([401, 200])
    expect(requests[0]?.authorization.split(' ', 1)).toEqual([first])
    expect(requests[1]).toMatchObject({
      user: 'carol',
      authorization: expect.stringMatching(/^Digest .*qop=auth/)
    })
  })

  it('is tried once with a wrong password', async () => {
    const env = carol(canary('wrong'))
    const words = ['--digest', '-u', 'env:WHO', realm.url('/digest/F')]
    const {code, cwd, requests} = await asked({words, count: 2, env})
    expect(code).toBe(22)
    expect(existsSync(join(cwd, 'F'))).toBe(false)
    expect(requests.map(({status}) => status)).toEqual([401, 401])
  })

  it('lets an interrupted transfer go on where it was', async () => {
    const [cwd, env, requests] = [scratchFolder(), carol(), realm.watchRequests()]
    const words = ['--digest', '-u', 'env:WHO', realm.url('/digest/F')]
    const first = realm.start(['get', ...words, '--limit-rate', '300k'], {env, cwd})
    await realm.untilHeld(join(cwd, 'F.part'))
    first.kill('SIGINT')
    expect(await first.done).toMatchObject({code: 130})
    expect(await asked({words, count: 2, env, cwd})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F')).equals(bytes)).toBe(true)
    const served = (await requests(4)).filter(({status}) => status !== 401)
    expect(served.map(({status}) => status)).toEqual([200, 206])
  })

  it('counts on with its nonce for the next file of the same run', async () => {
    const urls = [1, 2, 3].map(number => realm.url(`/digest/F?${number}`))
    const words = ['-j', '1', '--if-exists', 'rename', '--digest', '-u', 'env:WHO', ...urls]
    const {code, requests} = await asked({words, count: 4})
    expect(code).toBe(0)
    const counts = requests.map(({authorization}) => /nc=(\d+)/.exec(authorization)?.[1])
    expect(counts).toEqual([undefined, '00000001', '00000002', '00000003'])
  })
})

describe("Apache's Basic", () => {
  it('is answered with name and password, at once unless the method is to be chosen', async () => {
    const url = realm.url('/basic/F')
    expect(await asked({words: ['-u', 'env:WHO', url], count: 1})).toMatchObject({
      code: 0,
      requests: [{user: 'carol'}]
    })
    expect(await asked({words: ['--anyauth', '-u', 'env:WHO', url], count: 2})).toMatchObject({
      code: 0,
      requests: [{status: 401, authorization: '-'}, {user: 'carol'}]
    })
  })

  it('gets nothing from --digest', async () => {
    const words = ['--digest', '-u', 'env:WHO', realm.url('/basic/F')]
    const {code, requests} = await asked({words, count: 1})
    expect(code).toBe(22)
    expect(requests).toMatchObject([{status: 401, authorization: '-'}])
  })
})
