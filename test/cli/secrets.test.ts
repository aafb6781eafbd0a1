import {existsSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {canary as makeCanary} from '../canary/canary.ts'
import type {Run} from '../cli-run/ferry.ts'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import {redirect} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {patience} from '../scratch/patience.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {filesIn} from './files-in.ts'
import {explanation} from './said.ts'

const canary = makeCanary('link')
const base64Canary = Buffer.from(`ana:${canary}`).toString('base64')
let origin: Origin
let elsewhere: Origin

beforeAll(async () => {
  origin = await startOrigin()
  elsewhere = await startOrigin()
  // A cookie that the server sets belongs into the store of cookies.
  const headers = {'set-cookie': `session=${makeCanary('cookie')}`, 'x-auth-token': canary}
  origin.serve('/F', {body: 'x'.repeat(2000), entityTag: '"v1"', headers})
  origin.serve('/cut', {body: 'x'.repeat(2000), entityTag: '"v1"', headers, fault: {cutAfter: 700}})
  origin.serve('/hold', {body: 'x'.repeat(2000), entityTag: '"v1"', headers, fault: {stallAfter: 700}})
  origin.on('/away', redirect(302, elsewhere.url(`/F?token=${canary}`)))
  elsewhere.serve('/F', {body: 'over there'})
})
afterAll(async () => {
  await origin.close()
  await elsewhere.close()
})

// What has to be asked for again is in the address; resume data, which is for this user alone, has to keep that.
const inQuery = 'a parameter of the URL'

/** The ways to hand a secret over: an address and the flags before it. */
const ways: readonly (readonly [string, (address: string) => readonly string[]])[] = [
  ['user information of the URL', address => [address.replace('://', `://ana:${canary}@`)]],
  [inQuery, address => [`${address}?token=${canary}`]],
  ['-H Authorization', address => ['-H', `Authorization: Bearer ${canary}`, address]],
  ['-H of a service of its own', address => ['-H', `X-Api-Key: ${canary}`, address]],
  ['-u', address => ['-u', `ana:${canary}`, address]],
  ['--oauth2-bearer', address => ['--oauth2-bearer', canary, address]],
  ['-b', address => ['-b', `session=${canary}`, address]]
]

function expectNoSecret(
  run: Pick<Run, 'stdout' | 'stderr'>,
  folders: readonly string[],
  keeps: 'nothing' | 'F.ferry' = 'nothing'
): void {
  const seen = [
    {path: 'standard output', content: run.stdout},
    {path: 'standard error', content: run.stderr},
    ...folders.flatMap(filesIn).filter(({path}) => path !== keeps)
  ]
  expect(seen.length).toBeGreaterThan(2)
  for (const {path, content} of seen) {
    expect(content.includes(canary), `${path} tells the secret`).toBe(false)
    expect(content.includes(base64Canary), `${path} tells the secret in base64`).toBe(false)
  }
}

describe.each(ways)('a secret in %s', (way, words) => {
  it('reaches the server it is for, and no output, error, resume data or state [CVE 20, CVE 21]', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const env = {FERRY_HOME: home}
    const before = origin.requests.length
    const flags = ['-v', '--retry', '0', '-o', 'F', '--events']
    const run = await runFerry(['get', ...flags, ...words(origin.url('/cut'))], {cwd, env})
    expect(run, run.stderr).toMatchObject({code: 18})
    expect(run.stderr).toContain('***')
    const {target = '', headers} = origin.requests[before] ?? {}
    const sent = target + JSON.stringify([...(headers ?? [])])
    expect(sent.includes(canary) || sent.includes(base64Canary)).toBe(true)
    expect(existsSync(join(cwd, 'F.ferry'))).toBe(true)
    expectNoSecret(run, [cwd, home], way === inQuery ? 'F.ferry' : 'nothing')
  })

  it('is not told to a server behind a redirection, nor to anybody who looks at a running task', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const env = {FERRY_HOME: home}
    const before = elsewhere.requests.length
    const run = await runFerry(['get', '-v', '-o', 'F', '--json', ...words(origin.url('/away'))], {cwd, env})
    expect(run, run.stderr).toMatchObject({code: 0})
    expectNoSecret(run, [cwd, home])
    const [request] = elsewhere.requests.slice(before)
    const fields = JSON.stringify([...(request?.headers ?? [])])
    expect(fields.includes(canary) || fields.includes(base64Canary)).toBe(false)
  })
})

describe('what others see of a running transfer with secrets', () => {
  it('is masked in tasks, and its files are for nobody else', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const env = {FERRY_HOME: home}
    const address = origin.url(`/hold?sig=${canary}`).replace('://', `://ana:${canary}@`)
    startFerry(['get', '-o', 'F', '-H', `X-Api-Key: ${canary}`, address], {cwd, env})
    await vi.waitFor(() => expect(existsSync(join(cwd, 'F.ferry'))).toBe(true), patience)
    // A process can be seen by others a tenth of a second after its start.
    await vi.waitFor(
      async () => expect((await runFerry(['tasks'], {env})).stdout).toContain('running'),
      patience
    )
    for (const args of [['tasks'], ['tasks', '--json']]) {
      const run = await runFerry(args, {env})
      expect(run.stdout).toContain('running')
      expectNoSecret(run, [cwd, home], 'F.ferry')
    }
    for (const name of ['F.part', 'F.ferry']) expect(statSync(join(cwd, name)).mode & 0o777).toBe(0o600)
  })
})

describe('a link that a redirection leads to', () => {
  it('may be signed: it is not written into resume data', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    origin.on('/signed', redirect(302, `/cut?token=${canary}`))
    const args = ['get', '-v', '--retry', '0', '-o', 'F', '--events', origin.url('/signed')]
    const run = await runFerry(args, {cwd, env: {FERRY_HOME: home}})
    expect(run, run.stderr).toMatchObject({code: 18})
    expect(existsSync(join(cwd, 'F.ferry'))).toBe(true)
    expectNoSecret(run, [cwd, home])
  })
})

describe('a secret that is not on the command line', () => {
  it.each([
    ['a variable', 'env:FERRY_TEST_SECRET'],
    ['a file', '@secret']
  ])('comes from %s', async (_where, word) => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'secret'), `ana:${canary}\n`, {mode: 0o600})
    const options = {cwd, env: {FERRY_TEST_SECRET: `ana:${canary}`}}
    const before = origin.requests.length
    const run = await runFerry(['get', '-o', '-', '-u', word, origin.url('/F')], options)
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(origin.requests[before]?.header('authorization')).toBe(`Basic ${base64Canary}`)
    expect(run.stderr).not.toContain('warning')
  })

  it('is asked for on a terminal only: with standard input for something else, - ends with 2', async () => {
    const run = await runFerry(['get', '-o', '-', '-u', '-', origin.url('/F')], {input: `ana:${canary}\n`})
    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(explanation(run).next).toContain('env:')
  })

  it.each([
    ['-u', 'env:WORD'],
    ['-u', '@word'],
    ['--proxy-user', 'env:WORD']
  ])(
    'is not shown where a password is missing beside it, because it may be one: %s %s',
    async (flag, word) => {
      const cwd = scratchFolder()
      writeFileSync(join(cwd, 'word'), canary, {mode: 0o600})
      const words = ['-x', '127.0.0.1:1', flag, word, origin.url('/F')]
      const run = await runFerry(['get', '--json', ...words], {cwd, env: {WORD: canary}})
      expect(run).toMatchObject({code: 2})
      expect(run.stderr).toContain(word)
      expect(run.stdout + run.stderr).not.toContain(canary)
    }
  )

  it('in an address is not repeated where no address belongs', async () => {
    const run = await runFerry(['resume', origin.url(`/F?x=${canary}`).replace('://', `://ana:${canary}@`)])
    expect(run).toMatchObject({code: 2})
    expect(explanation(run).why).toContain('no address')
    expect(run.stderr).not.toContain(canary)
  })

  it('is warned about when it is', async () => {
    const run = await runFerry(['get', '-o', '-', '-u', `ana:${canary}`, origin.url('/F')])
    expect(run.stderr).toMatch(/^warning: .*-u/m)
    expect(run.stderr).not.toContain(canary)
  })
})
