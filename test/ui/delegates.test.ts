import {describe, expect, it} from 'vitest'
import type {
  AuthenticationChallenge,
  ChallengeDecision,
  DataTask,
  SessionDelegate,
  Task
} from '../../src/engine/index.ts'
import {combineDelegates} from '../../src/ui/delegates.ts'
import {HandMovedTask} from './task-double.ts'

const task = new HandMovedTask('t1', 'http://127.0.0.1/f')
const request = {url: new URL('http://127.0.0.1/next'), method: 'GET', headers: []}
const other = {...request, url: new URL('http://127.0.0.1/other')}
const response = {
  url: new URL('http://127.0.0.1/f'),
  status: 302,
  statusText: '',
  headers: [],
  expectedContentLength: undefined
}

const challenge: AuthenticationChallenge = {
  scope: 'task',
  protectionSpace: {
    protocol: 'http',
    host: '127.0.0.1',
    port: 80,
    realm: 'r',
    method: 'Basic',
    isProxy: false
  },
  proposedCredential: undefined,
  previousFailureCount: 0,
  failureResponse: undefined,
  error: undefined
}
const standard: ChallengeDecision = {disposition: 'performDefaultHandling'}
const refusal: ChallengeDecision = {disposition: 'cancel'}

describe('combined delegates', () => {
  it('all hear a notice, in the order given', () => {
    const heard: string[] = []
    const listener = (name: string): SessionDelegate => ({
      didStartTask: (_task, attempt) => heard.push(`${name}${attempt}`)
    })
    combineDelegates(listener('a'), {}, listener('b')).didStartTask?.(task, 2)
    expect(heard).toEqual(['a2', 'b2'])
  })

  it.each([
    ['nobody objects', [{willPerformRedirection: () => request}], request],
    [
      'one changes it',
      [{willPerformRedirection: () => request}, {willPerformRedirection: () => other}],
      other
    ],
    [
      'one denies it first',
      [{willPerformRedirection: () => undefined}, {willPerformRedirection: () => other}],
      undefined
    ]
  ])('follow a redirection as the first with an opinion says: %s', async (_case, delegates, next) => {
    await expect(
      combineDelegates(...delegates).willPerformRedirection?.(task, {response, request})
    ).resolves.toBe(next)
  })

  it('allow a response unless somebody says otherwise, and still ask everybody', async () => {
    const asked: string[] = []
    const combined = combineDelegates(
      {didReceiveResponse: () => 'allow'},
      {didReceiveResponse: () => Promise.resolve('cancel')},
      {
        didReceiveResponse: () => {
          asked.push('last')
          return 'becomeDownload'
        }
      }
    )
    await expect(combined.didReceiveResponse?.(task, response)).resolves.toBe('cancel')
    expect(asked).toEqual(['last'])
  })

  it('decide at once when nobody has to think', () => {
    const quick = combineDelegates({didReceiveResponse: () => 'allow'}, {didReceiveResponse: () => 'cancel'})
    expect(quick.didReceiveResponse?.(task, response)).toBe('cancel')
  })

  it.each([
    ['one leaves it to the default handling, the next does not', [standard, refusal], refusal],
    ['all leave it', [standard, standard], standard]
  ])('answer a challenge as the first that does not leave it alone: %s', async (_case, answers, decision) => {
    const methods = ['didReceiveChallenge', 'didReceiveSessionChallenge'] as const
    for (const method of methods) {
      const combined = combineDelegates(...answers.map(answer => ({[method]: () => answer})))
      await expect(combined[method]?.(task, challenge)).resolves.toEqual(decision)
      expect(methods.filter(each => combined[each])).toEqual([method])
    }
  })

  it.each([
    ['nobody objects', ['store', 'store'], 'store'],
    ['one wants it in memory, a later one not at all', ['store', 'memory', 'deny'], 'memory']
  ] as const)('keep an answer as the first with an opinion says: %s', async (_case, answers, decision) => {
    const combined = combineDelegates(...answers.map(answer => ({willCacheResponse: () => answer})))
    const proposal = {response, size: 1}
    await expect(combined.willCacheResponse?.(task as Task as DataTask, proposal)).resolves.toBe(decision)
  })

  it('decide nothing when none of them does', () => {
    const combined = combineDelegates({didStartTask: () => {}}, {})
    expect(combined.didReceiveChallenge).toBeUndefined()
    expect(combined.didReceiveSessionChallenge).toBeUndefined()
    expect(combined.willCacheResponse).toBeUndefined()
    expect(combined.willPerformRedirection).toBeUndefined()
    expect(combined.didReceiveResponse).toBeUndefined()
  })

  it('hold bytes back until the slowest has taken them, and make no promise where nobody made one', async () => {
    const data = task as Task as DataTask
    const quick = combineDelegates({didReceiveData: () => {}})
    expect(quick.didReceiveData?.(data, new Uint8Array(1))).toBeUndefined()
    const {promise, resolve} = Promise.withResolvers<void>()
    let released = false
    const slow = combineDelegates({didReceiveData: () => {}}, {didReceiveData: () => promise})
    const waited = Promise.resolve(slow.didReceiveData?.(data, new Uint8Array(1))).then(() => {
      released = true
    })
    await new Promise(setImmediate)
    expect(released).toBe(false)
    resolve()
    await waited
    expect(released).toBe(true)
  })

  it('do not listen to bytes when none of them does', () => {
    const combined = combineDelegates({didCreateTask: () => {}}, {})
    expect(combined.didWriteData).toBeUndefined()
    expect(combined.didReceiveData).toBeUndefined()
  })
})
