import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import type {Run} from '../cli-run/ferry.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {basicGuard, bearerGuard, DigestGuard} from '../engine/authentication/guards.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {ScriptedHook} from './scripted-hook.ts'

const password = canary('hook')
const token = canary('hook')
const ana = {user: 'ana', password}
const right = {decision: 'useCredential', ...ana}
const wrong = {...right, password: canary('wrong')}
let origin: Origin
let secure: Origin

beforeAll(async () => {
  origin = await startOrigin()
  secure = await startOrigin({tls: 'unknownAuthority'})
  origin.on('/basic', basicGuard(ana))
  origin.on('/digest', new DigestGuard(ana).handle)
  origin.on('/bearer', bearerGuard(token))
  secure.serve('/F', {body: 'content'})
  secure.on('/basic', basicGuard(ana))
})
afterAll(async () => {
  await origin.close()
  await secure.close()
})

function print(url: string, ...flags: readonly string[]): Promise<Run> {
  return runFerry(['get', '-q', '-o', '-', ...flags, url])
}

describe('--on-challenge', () => {
  it.each([
    ['/basic', 'Basic', right],
    ['/digest', 'Digest', right],
    ['/bearer', 'Bearer', {decision: 'useCredential', token}]
  ])('answers a challenge at %s for %s [3D 110, R34]', async (path, method, answer) => {
    const hook = new ScriptedHook(answer)
    const run = await print(origin.url(path), '--on-challenge', hook.command)
    expect(run, run.stderr).toMatchObject({code: 0, stdout: expect.stringMatching(/^welcome/) as string})
    expect(hook.asked).toMatchObject([
      {
        ...{v: 1, event: 'task.challenge', scope: 'task', method, host: '127.0.0.1', port: origin.port},
        ...{protocol: 'http', isProxy: false, previousFailureCount: 0, error: null}
      }
    ])
  })

  it('is asked again after a wrong answer, with the count of failures, and never told the answer [R34]', async () => {
    const hook = new ScriptedHook(wrong, right)
    expect(await print(origin.url('/basic'), '--on-challenge', hook.command)).toMatchObject({code: 0})
    expect(hook.asked.map(({previousFailureCount}) => previousFailureCount)).toEqual([0, 1])
    expect(JSON.stringify(hook.asked)).not.toContain('canary')
  })

  it.each([
    ['performDefaultHandling', 22],
    ['rejectProtectionSpace', 22],
    ['cancel', 115]
  ])('may answer %s', async (decision, code) => {
    const hook = new ScriptedHook({decision})
    const run = await print(origin.url('/basic'), '--on-challenge', hook.command)
    expect(run).toMatchObject({code, stdout: ''})
    expect(hook.asked).toHaveLength(1)
  })

  it('that gives a credential of another kind refuses the transfer, and repeats nothing of it', async () => {
    const hook = new ScriptedHook({decision: 'useCredential', token})
    const run = await print(origin.url('/basic'), '--on-challenge', hook.command)
    expect(run).toMatchObject({code: 113, stdout: ''})
    expect(run.stderr).toContain('"user":"...","password":"..."')
    expect(run.stderr).not.toContain('canary')
  })

  it('decides about a certificate that nobody vouches for, before anything is sent [R33]', async () => {
    const before = secure.requests.length
    const refusing = new ScriptedHook({decision: 'performDefaultHandling'})
    expect(await print(secure.url('/F'), '--on-challenge', refusing.command)).toMatchObject({code: 60})
    expect(secure.requests).toHaveLength(before)
    const trusting = new ScriptedHook({decision: 'useCredential'})
    expect(await print(secure.url('/F'), '--on-challenge', trusting.command)).toMatchObject({
      code: 0,
      stdout: 'content'
    })
    expect([...refusing.asked, ...trusting.asked]).toMatchObject(
      [1, 2].map(() => ({
        ...{scope: 'session', method: 'ServerTrust', realm: null, protocol: 'https'},
        error: {code: 'CERTIFICATE_REFUSED'}
      }))
    )
  })
})

describe("the hook of a session's profile", () => {
  /** Runs get in a session with these hooks; the flags are those of the task. */
  async function within(hooks: readonly string[], ...words: readonly string[]): Promise<Run> {
    const env = {FERRY_HOME: scratchFolder()}
    const made = await runFerry(['sessions', 'create', 'work', ...hooks], {env})
    expect(made, made.stderr).toMatchObject({code: 0})
    return runFerry(['get', '-q', '-o', '-', '--session', 'work', ...words], {env})
  }

  it('is not asked about challenges for a task [R34]', async () => {
    const kept = new ScriptedHook(right)
    const run = await within(['--on-challenge', kept.command], origin.url('/basic'))
    expect(run).toMatchObject({code: 22, stdout: ''})
    expect(kept.asked).toEqual([])
  })

  it('is asked about them when the task hands them over [R34]', async () => {
    const kept = new ScriptedHook(right)
    const run = await within(
      ['--on-challenge', kept.command],
      ...['--on-challenge', '@profile', origin.url('/basic')]
    )
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(kept.asked).toHaveLength(1)
  })

  it("is asked about challenges for the session, and the task's own is not [R33]", async () => {
    const kept = new ScriptedHook({decision: 'useCredential'})
    const own = new ScriptedHook(right)
    const run = await within(
      ['--on-challenge', kept.command],
      ...['--on-challenge', own.command, secure.url('/basic')]
    )
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(kept.asked.map(({method}) => method)).toEqual(['ServerTrust'])
    expect(own.asked.map(({method}) => method)).toEqual(['Basic'])
  })

  it('decides where the task has none of its own, and only there [3A 73]', async () => {
    const [kept, own] = [new ScriptedHook({decision: 'cancel'}), new ScriptedHook({decision: 'allow'})]
    const hooks = ['--on-response', kept.command]
    expect(await within(hooks, origin.url('/bearer'), '--no-fail')).toMatchObject({code: 115})
    const run = await within(hooks, origin.url('/bearer'), '--no-fail', '--on-response', own.command)
    expect(run).toMatchObject({code: 0})
    expect([kept.asked.length, own.asked.length]).toEqual([1, 1])
  })

  it('is not kept where only a shell could run it', async () => {
    const env = {FERRY_HOME: scratchFolder()}
    expect(await runFerry(['sessions', 'create', 'work'], {env})).toMatchObject({code: 0})
    for (const words of [
      ['create', 'other', '--on-redirect', 'a | b'],
      ['set', 'work', 'hooks.onRedirect=a | b']
    ]) {
      const run = await runFerry(['sessions', ...words], {env})
      expect(run).toMatchObject({code: 2})
      expect(run.stderr).toContain("sh -c '...'")
    }
  })

  it('is asked for by @profile in vain where there is none', async () => {
    expect(await print(origin.url('/basic'), '--on-challenge', '@profile')).toMatchObject({code: 2})
  })
})
