import {describe, expect, it} from 'vitest'
import type {
  AuthenticationChallenge,
  Credential,
  DataOptions,
  SessionDelegate
} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'
import {startOrigin} from '../../origin/origin.ts'
import {giving} from './giving.ts'
import {basicGuard, challenge} from './guards.ts'
import {visitor} from './visitor.ts'

const password = canary('challenge')
const ana = {user: 'ana', password}
const anasPassword: Credential = {kind: 'password', ...ana}
const wrong: Credential = {kind: 'password', user: 'ana', password: canary('wrong')}
const asked = (credential: Credential): DataOptions => ({authentication: {credential, methods: 'any'}})

describe('a challenge for a task', () => {
  it('goes to the handler of the task, never to that of the session [R34]', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    const {seen, delegate} = giving(anasPassword)
    const session: AuthenticationChallenge[] = []
    const recorded = visitor(
      {},
      {
        ...delegate,
        didReceiveSessionChallenge: (_task, challenge) => {
          session.push(challenge)
          return {disposition: 'performDefaultHandling'}
        }
      }
    )
    expect((await recorded.get(origin.url('/auth'))).outcome.response?.status).toBe(200)
    expect(session).toEqual([])
    expect(seen).toMatchObject([
      {
        scope: 'task',
        previousFailureCount: 0,
        proposedCredential: undefined,
        protectionSpace: {
          protocol: 'http',
          host: '127.0.0.1',
          port: origin.port,
          realm: 'guarded',
          method: 'Basic',
          isProxy: false
        }
      }
    ])
  })

  it('is asked again with a count of failures, three times at most [R34]', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    const {seen, delegate} = giving(wrong, wrong, wrong, wrong, wrong)
    const {outcome} = await visitor({}, delegate).get(origin.url('/auth'), {httpErrors: 'deliver'})
    expect(outcome.response?.status).toBe(401)
    expect(seen.map(({previousFailureCount}) => previousFailureCount)).toEqual([0, 1, 2])
    expect(origin.requests).toHaveLength(4)
  })

  it('proposes what is there, and after a failure nothing more', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    const {seen, delegate} = giving(wrong, anasPassword)
    const {outcome} = await visitor({credentials: {user: 'eve', password: 'x'}}, delegate).get(
      origin.url('/auth')
    )
    expect(outcome.response?.status).toBe(200)
    expect(seen.map(({proposedCredential}) => proposedCredential)).toEqual([
      {kind: 'password', user: 'eve', password: 'x'},
      undefined
    ])
  })

  it('that the handler cancels ends the task', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    const {outcome} = await visitor(
      {credentials: ana},
      {didReceiveChallenge: () => ({disposition: 'cancel'})}
    ).get(origin.url('/auth'))
    expect(outcome).toMatchObject({state: 'cancelled', error: {code: 'CANCELLED'}})
    expect(origin.requests).toHaveLength(1)
  })

  it('in a space that the handler rejects goes on with the next weaker method', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', challenge('Digest realm="a", nonce="1"', 'Basic realm="a"'))
    await visitor(
      {credentials: ana},
      {
        didReceiveChallenge: (_task, {protectionSpace: {method}}) => ({
          disposition: method === 'Digest' ? 'rejectProtectionSpace' : 'performDefaultHandling'
        })
      }
    ).get(origin.url('/auth'))
    expect(origin.requests[1]?.header('authorization')).toMatch(/^Basic /)
  })

  it('is told of with what came of it, answered or not', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    const told: unknown[] = []
    const delegate: SessionDelegate = {
      didDecideChallenge: (_task, {disposition, protectionSpace, previousFailureCount}) =>
        told.push([protectionSpace.method, disposition, previousFailureCount])
    }
    await visitor({}, delegate).get(origin.url('/auth'), asked(wrong))
    expect(told).toEqual([
      ['Basic', 'useCredential', 0],
      ['Basic', 'performDefaultHandling', 1]
    ])
  })
})

describe('a challenge for the session', () => {
  const negotiate = challenge('Negotiate', 'Basic realm="a"')

  it('goes to the handler of the session; what that leaves open, to the task with the next method [R33]', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', negotiate)
    const seen: string[] = []
    await visitor(
      {},
      {
        didReceiveSessionChallenge: (_task, {scope, protectionSpace: {method}}) => {
          seen.push(`session: ${scope} ${method}`)
          return {disposition: 'performDefaultHandling'}
        },
        didReceiveChallenge: (_task, {scope, protectionSpace: {method}}) => {
          seen.push(`task: ${scope} ${method}`)
          return {disposition: 'performDefaultHandling'}
        }
      }
    ).get(origin.url('/auth'))
    expect(seen).toEqual(['session: session Negotiate', 'task: task Basic'])
  })

  it('is never answered with a password that was meant for other methods', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', negotiate)
    const {seen, delegate} = giving()
    await visitor({credentials: ana}, delegate).get(origin.url('/auth'))
    expect(seen.slice(0, 2).map(({proposedCredential}) => proposedCredential)).toEqual([
      undefined,
      anasPassword
    ])
  })

  it('goes to the handler of the task where the session has none [R33]', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', negotiate)
    const {seen, delegate} = giving()
    await visitor({}, delegate).get(origin.url('/auth'))
    expect(seen.map(({scope}) => scope)).toEqual(['session', 'task'])
  })
})
