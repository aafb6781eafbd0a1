import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {newAddress} from '../../src/control/endpoint-address.ts'
import {controlToken} from '../../src/control/control-token.ts'
import {ensurePrivateFolder} from '../../src/control/places.ts'
import type {ControllableSession} from '../../src/control/session-roll.ts'
import {TransferError} from '../../src/engine/index.ts'
import {silentEndpoint} from './silent-endpoint.ts'
import {newStage, raw} from './stage.ts'
import type {Stage} from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await newStage()
})
afterEach(() => stage.clear())

/** Stands in for a session: writes down what is asked of it. */
class FakeSession implements ControllableSession {
  readonly environment: {readonly name?: string}
  readonly configuration = {kind: 'default'}
  readonly tasks: readonly unknown[]
  readonly asked: string[] = []
  failure: Error | undefined

  constructor(name: string | undefined, tasks = 2) {
    this.environment = name === undefined ? {} : {name}
    this.tasks = Array.from({length: tasks})
  }

  async flush(): Promise<void> {
    this.#note('flush')
  }

  async reset(): Promise<void> {
    this.#note('reset')
  }

  finishTasksAndInvalidate(unstarted: 'cancel' | 'keep'): Promise<void> {
    this.#note(`finish ${unstarted}`)
    // As with a transfer that takes for ever.
    return new Promise(() => {})
  }

  async invalidateAndCancel(): Promise<void> {
    this.#note('cancel')
  }

  #note(what: string): void {
    this.asked.push(what)
    if (this.failure) throw this.failure
  }
}

describe('a session of running processes', () => {
  it.each([
    ['flush', 'flush'],
    ['reset', 'reset']
  ] as const)('is told to %s by its name, and no other session is', async (verb, asked) => {
    const [own, twin, other] = [new FakeSession('own'), new FakeSession('own', 1), new FakeSession('other')]
    for (const session of [own, twin, other]) stage.sessions.add(session)
    await stage.open()
    const answers = await stage.sessionClient[verb]('own')
    expect(answers).toEqual({processes: [{pid: process.pid, tasks: 3}], silent: [], failures: []})
    expect([own.asked, twin.asked, other.asked]).toEqual([[asked], [asked], []])
  })

  it('is invalidated without waiting for its tasks, or with --cancel by ending them; others are not [R2]', async () => {
    const [own, other] = [new FakeSession('own'), new FakeSession('other')]
    for (const session of [own, other]) stage.sessions.add(session)
    await stage.open()
    await stage.sessionClient.invalidate('own', 'finish')
    await stage.sessionClient.invalidate('own', 'cancel')
    expect([own.asked, other.asked]).toEqual([['finish keep', 'cancel'], []])
  })

  it.each(['shared', 'ephemeral'])(
    'that is built in (%s) is never invalidated, not even by a request of somebody’s own',
    async name => {
      const session = new FakeSession(name)
      stage.sessions.add(session)
      const endpoint = await stage.open()
      await expect(stage.sessionClient.invalidate(name, 'cancel')).rejects.toMatchObject({code: 'BUSY'})
      const answer = await raw(endpoint, {
        method: 'POST',
        path: '/sessions/invalidate',
        authorization: `Bearer ${await controlToken(stage.places.state)}`,
        body: JSON.stringify({session: name, cancel: true})
      })
      expect(answer).toMatchObject({status: 400, body: {error: {code: 'BUSY'}}})
      expect(session.asked).toEqual([])
    }
  )

  it('is forgotten once it is invalid', async () => {
    const session = new FakeSession('own')
    stage.sessions.add(session)
    stage.sessions.remove(session)
    await stage.open()
    await expect(stage.sessionClient.flush('own')).resolves.toMatchObject({processes: []})
    expect(session.asked).toEqual([])
  })

  it('whose name nobody gave goes by its kind', () => {
    const nameless = new FakeSession(undefined)
    stage.sessions.add(nameless)
    expect(stage.sessions.named('default')).toEqual([nameless])
  })

  it.each([
    ['flush', '{"session":"own","force":true}'],
    ['flush', '{}'],
    ['invalidate', '{"session":"own","cancel":"yes"}'],
    ['reset', '{"session":7}']
  ])('refuses the request %s with the body %s, and nothing happens', async (verb, body) => {
    const session = new FakeSession('own')
    stage.sessions.add(session)
    const endpoint = await stage.open()
    const authorization = `Bearer ${await controlToken(stage.places.state)}`
    const answer = await raw(endpoint, {method: 'POST', path: `/sessions/${verb}`, authorization, body})
    expect(answer).toMatchObject({status: 400, body: {error: {code: 'USAGE'}}})
    expect(session.asked).toEqual([])
  })
})

describe('processes that have the session', () => {
  it('are told although one of them does not answer, and that one is named', async () => {
    const session = new FakeSession('own')
    stage.sessions.add(session)
    await stage.open()
    await using silent = await silentEndpoint(stage.places.runtime)
    const asking = stage.sessionClient.flush('own')
    await silent.hangUp()
    const {pid} = newAddress(stage.places.runtime)
    await expect(asking).resolves.toMatchObject({processes: [{pid, tasks: 2}], silent: [pid]})
    expect(session.asked).toEqual(['flush'])
  })

  it('and fail at it say why', async () => {
    const session = new FakeSession('own')
    session.failure = new TransferError('NO_SPACE', 'The disk is full')
    stage.sessions.add(session)
    await stage.open()
    await expect(stage.sessionClient.flush('own')).resolves.toMatchObject({
      processes: [],
      failures: [{pid: process.pid, error: {code: 'NO_SPACE', message: 'The disk is full'}}]
    })
  })

  it('may be none at all', async () => {
    await ensurePrivateFolder(stage.places.runtime)
    await expect(stage.sessionClient.reset('own')).resolves.toEqual({
      processes: [],
      silent: [],
      failures: []
    })
  })
})
