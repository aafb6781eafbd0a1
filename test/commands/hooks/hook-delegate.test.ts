import {expect, it} from 'vitest'
import {hookDelegate} from '../../../src/commands/transfer/hooks/hook-delegate.ts'
import {readHooks} from '../../../src/commands/transfer/hooks/hook.ts'
import {HookRunner} from '../../../src/commands/transfer/hooks/run-hook.ts'
import {recordedSession} from '../../engine/recorded-session.ts'
import {redirect} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'

const runner = new HookRunner({patience: 200, environment: {PATH: process.env['PATH']}})

it.each([
  ['on-redirect', '/from'],
  ['on-response', '/F']
] as const)(
  'a hook of --%s that never answers fails the task with 28, and is not asked again [3A 40]',
  async (flag, path) => {
    await using origin = await startOrigin()
    origin.serve('/F', {body: 'content'})
    origin.on('/from', redirect(302, '/F'))
    const hooks = readHooks({[flag]: 'sleep 99'})
    const recorded = recordedSession({retry: {attempts: 3}}, hookDelegate(hooks, runner))
    const {outcome, body} = await recorded.get(origin.url(path))
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'TIMED_OUT'}})
    expect(outcome.error?.message).toBe(`--${flag}: the command gave no answer within 0.2 s`)
    expect(body).toHaveLength(0)
    expect(origin.requests).toHaveLength(1)
  }
)

it('only the decisions that somebody makes are asked for', () => {
  const methods = (flags: Parameters<typeof readHooks>[0], profile = {}) =>
    Object.keys(hookDelegate(readHooks(flags, profile), runner)).toSorted()
  expect(methods({'on-complete': 'true'})).toEqual([])
  expect(methods({'on-cache': 'true', 'on-redirect': 'true'})).toEqual([
    'willCacheResponse',
    'willPerformRedirection'
  ])
  expect(methods({}, {onResponse: 'true'})).toEqual(['didReceiveResponse'])
})

it.each([
  [
    'of the session alone hears of those for the session [R33]',
    {},
    {onChallenge: 'a'},
    {session: 'a', task: undefined}
  ],
  ['of the task alone hears of all [R33]', {'on-challenge': 'b'}, {}, {session: undefined, task: 'b'}],
  [
    'of both: each hears of its own [R34]',
    {'on-challenge': 'b'},
    {onChallenge: 'a'},
    {session: 'a', task: 'b'}
  ],
  [
    'of the session hears of all when the task says so [R34]',
    {'on-challenge': '@profile'},
    {onChallenge: 'a'},
    {session: 'a', task: 'a'}
  ]
])('a hook for challenges %s', (_rule, flags, profile, hears) => {
  const {sessionChallenge, challenge} = readHooks(flags, profile)
  expect({session: sessionChallenge?.command.program, task: challenge?.command.program}).toEqual(hears)
})

it("a task's own hook stands in for that of its session, decision by decision [3A 73, 3D 104, 3D 108]", () => {
  const flags = {'on-redirect': 'own', 'on-cache': 'own'}
  const profile = {onRedirect: 'kept', onResponse: 'kept', onCache: 'kept', onComplete: 'kept'}
  const {redirect: onRedirect, response, cache, complete} = readHooks(flags, profile)
  expect([onRedirect, response, cache, complete].map(hook => hook?.command.program)).toEqual([
    'own',
    'kept',
    'own',
    'kept'
  ])
})
