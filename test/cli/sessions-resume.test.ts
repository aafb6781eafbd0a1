import {readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, describe, expect, it, vi} from 'vitest'
import {canary} from '../canary/canary.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {patience} from '../scratch/patience.ts'
import {Crossing, firstBytes, serveHalf, whole} from './crossing.ts'
import {documentOf, explanation} from './said.ts'

let origin: Origin
let user: Crossing

beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())
beforeEach(() => {
  user = new Crossing()
  origin.serve('/F', {body: 'content', entityTag: '"v1"'})
})

async function ferry(...words: readonly string[]): Promise<void> {
  const {code, stderr} = await user.run(words)
  expect(code, stderr).toBe(0)
}

function lastHeader(name: string): string | undefined {
  return origin.requests.at(-1)?.headers.get(name)
}

describe('Resuming', () => {
  async function pausedIn(session: string): Promise<void> {
    const half = await user.startHalf(origin, 'half', ['--session', session])
    expect((await user.run(['pause', '--session', session])).code).toBe(0)
    expect((await half.done).code).toBe(114)
  }

  it('goes on in the session that the download was started in, as it is now', async () => {
    await ferry('sessions', 'create', 'ci', '-H', 'X-Version: 1')
    await pausedIn('ci')
    await ferry('sessions', 'set', 'ci', 'headers.X-Version=2')
    const resumed = await user.run(['resume', '--json', 'half.ferry'])
    expect(documentOf(resumed)).toMatchObject({ok: true, tasks: [{session: 'ci', state: 'completed'}]})
    expect(lastHeader('x-version')).toBe('2')
  })

  it('needs no session but the shared one when that is gone [R27]', async () => {
    await ferry('sessions', 'create', 'ci', '-H', 'X-Version: 1')
    await pausedIn('ci')
    await ferry('sessions', 'remove', 'ci')
    const resumed = await user.run(['resume', '--json', 'half.ferry'])
    expect(documentOf(resumed)).toMatchObject({ok: true, tasks: [{session: 'shared', state: 'completed'}]})
    expect(lastHeader('x-version')).toBeUndefined()
    expect(lastHeader('range')).toBeDefined()
    expect(resumed.stderr).toMatch(/^warning: the session ci is gone.*--session NAME chooses another/m)
  })

  it('says nothing of a session that is gone where another one is named', async () => {
    await ferry('sessions', 'create', 'ci')
    await ferry('sessions', 'create', 'other')
    await pausedIn('ci')
    await ferry('sessions', 'remove', 'ci')
    const resumed = await user.run(['resume', '--session', 'other', 'half.ferry'])
    expect(resumed.code, resumed.stderr).toBe(0)
    expect(resumed.stderr).not.toContain('is gone')
  })

  it('lets no resume data from elsewhere choose the session', async () => {
    await ferry('sessions', 'create', 'ci', '-H', 'X-Version: 1')
    await pausedIn('ci')
    const file = user.path('half.ferry')
    const data = JSON.parse(readFileSync(file, 'utf8')) as object
    writeFileSync(file, JSON.stringify({...data, signature: null}))
    const resumed = await user.run(['resume', '--json', '--trust-resume-data', 'half.ferry'])
    expect(documentOf(resumed)).toMatchObject({ok: true, tasks: [{session: 'shared'}]})
    expect(lastHeader('x-version')).toBeUndefined()
  })

  it('at a new address of another server takes no secret there, unless the session is named [promise 5]', async () => {
    await using other = await startOrigin()
    other.serve('/half', {body: whole, entityTag: '"v1"'})
    const env = {FERRY_HOME: user.home, KEY: canary('key', origin), TOKEN: canary('token', origin)}
    const secrets = ['-H', 'X-Api-Key: env:KEY', '--oauth2-bearer', 'env:TOKEN']
    expect(await user.run(['sessions', 'create', 'ci', ...secrets], {env})).toMatchObject({code: 0})
    origin.serve('/half', {body: whole, entityTag: '"v1"', fault: {cutAfter: firstBytes}})
    const words = ['--retry', '0', '--session', 'ci', origin.url('/half')]
    expect(await user.run(['get', ...words], {env})).toMatchObject({code: 18})
    expect(origin.requests.at(-1)?.rawHead).toContain(env.TOKEN)
    const moved = await user.run(['resume', 'half.ferry', '--url', other.url('/half')], {env})
    expect(moved, moved.stderr).toMatchObject({code: 0})
    expect(moved.stderr).toContain('--session ci allows it')
    expect(other.requests.at(-1)?.rawHead).toContain('If-Range')
    expect(other.requests.at(-1)?.rawHead).not.toMatch(/authorization|x-api-key/i)
  })

  it.each(['half.ferry', 'kept-elsewhere'])(
    'of what an ephemeral session was told to keep goes on in it, and leaves nothing else: %s',
    async name => {
      await ferry('sessions', 'create', 'quiet', '--kind', 'ephemeral', '-H', 'X-Version: 1')
      serveHalf(origin, '/half')
      const half = user.start(['get', '--session', 'quiet', '--resume-data', name, origin.url('/half')])
      await vi.waitFor(
        () => expect(statSync(user.path('half.part')).size).toBeGreaterThan(firstBytes / 2),
        patience
      )
      half.kill('SIGINT')
      expect((await half.done).code).toBe(130)
      await ferry('resume', name)
      expect([lastHeader('x-version'), lastHeader('range')]).toEqual([
        '1',
        expect.stringMatching(/^bytes=\d+-$/)
      ])
      expect(readFileSync(user.path('half')).equals(whole)).toBe(true)
      expect(readdirSync(user.cwd)).toEqual(['half'])
    }
  )

  it('of downloads of several sessions wants to be told which one', async () => {
    for (const name of ['one', 'two']) {
      await ferry('sessions', 'create', name)
      await ferry('get', '--suspended', '--session', name, '-o', name, origin.url('/F'))
    }
    const refused = await user.run(['resume', 'one.ferry', 'two.ferry'])
    expect(refused.code).toBe(2)
    expect(explanation(refused).next).toContain('--session NAME')
    await ferry('resume', '--session', 'one', 'one.ferry', 'two.ferry')
  })
})
