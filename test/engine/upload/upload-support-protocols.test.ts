import {describe, expect, it, onTestFinished} from 'vitest'
import type {Handler} from '../../origin/connection.ts'
import {respond} from '../../origin/handlers.ts'
import type {Origin} from '../../origin/origin.ts'
import type {Fields} from '../../origin/reply.ts'
import {startDraftServer} from '../../resumable-upload/draft-server.ts'
import type {DraftServer, DraftServerOptions} from '../../resumable-upload/draft-server.ts'
import {recordedSession} from '../recorded-session.ts'
import {StateFolder} from '../storage/cookie-scene.ts'
import {mebibyte, methods, openOrigin, send, small} from './support-scene.ts'

const tusHead = {'tus-resumable': '1.0.0', 'tus-version': '1.0.0,0.2.2', 'tus-extension': 'creation'}

async function openDraftServer(options: DraftServerOptions): Promise<DraftServer> {
  const server = await startDraftServer(options)
  onTestFinished(() => server.close())
  return server
}

describe('a server of tus', () => {
  const isTus = ({requests}: Origin): string =>
    requests
      .map(({method}) => method)
      .filter(method => method !== 'OPTIONS')
      .join(' ')

  it.each<[string, Fields, string]>([
    ['with creation', tusHead, 'POST PATCH'],
    ['without creation', {...tusHead, 'tus-extension': 'checksum'}, 'PUT'],
    ['of another version', {...tusHead, 'tus-version': '0.2.2'}, 'PUT'],
    ['that says only Tus-Resumable', {'tus-resumable': '1.0.0', 'tus-extension': 'creation'}, 'POST PATCH']
  ])('%s', async (_what, head, expected) => {
    const origin = await openOrigin(respond(204, head))
    const outcome = await send(recordedSession(), origin.url('/files'))
    expect(outcome.state).toBe('completed')
    expect(isTus(origin)).toBe(expected)
  })

  it('is spoken to in its own words from then on, with what it offers, also about small files', async () => {
    const origin = await openOrigin(respond(204, {...tusHead, 'tus-max-size': String(mebibyte)}))
    const state = new StateFolder()
    const first = state.session()
    await send(first, origin.url('/files'))
    await first.session.finishTasksAndInvalidate()
    const before = origin.requests.length
    const later = state.session()
    await send(later, origin.url('/files'), {bytes: small})
    expect(methods(origin).slice(before)).toEqual(['POST', 'PATCH'])
  })

  it('is no such server at its other addresses', async () => {
    const origin = await openOrigin(respond(204, tusHead))
    const recorded = recordedSession()
    await send(recorded, origin.url('/files'))
    await send(recorded, origin.url('/elsewhere'), {bytes: small})
    expect(methods(origin).at(-1)).toBe('PUT')
  })

  it('is recognized by how it refuses an ordinary request, and remembered', async () => {
    const origin = await openOrigin(respond(204, tusHead))
    origin.on('PUT', respond(405, {'tus-resumable': '1.0.0'}))
    const recorded = recordedSession()
    expect((await send(recorded, origin.url('/files'), {bytes: small})).state).toBe('completed')
    await send(recorded, origin.url('/files'), {bytes: small})
    expect(isTus(origin)).toBe('PUT POST PATCH POST PATCH')
  })

  it('is asked again once it has refused what it was known for', async () => {
    const origin = await openOrigin(respond(204, tusHead))
    const recorded = recordedSession()
    await send(recorded, origin.url('/files'))
    origin.on('OPTIONS', respond(200))
    origin.on('POST', respond(404))
    expect(await send(recorded, origin.url('/files'))).toMatchObject({state: 'failed', error: {status: 404}})
    expect((await send(recorded, origin.url('/files'))).state).toBe('completed')
    expect(methods(origin).slice(-3)).toEqual(['POST', 'OPTIONS', 'PUT'])
  })

  it('is not looked for where a refusal says nothing of tus', async () => {
    const origin = await openOrigin(respond(200))
    origin.on('PUT', respond(405))
    const outcome = await send(recordedSession(), origin.url('/files'), {bytes: small})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 405}})
    expect(methods(origin)).toEqual(['PUT'])
  })
})

describe('a limit of before', () => {
  const tooLarge = {state: 'failed', error: {code: 'FILE_TOO_LARGE'}}
  const tus = (most: number): Handler => respond(204, {...tusHead, 'tus-max-size': String(most)})
  const draft = (most: number): Handler => respond(204, {'upload-limit': `max-size=${most}`})

  async function learn(limited: Handler): Promise<{origin: Origin; state: StateFolder}> {
    const origin = await openOrigin(limited)
    const state = new StateFolder()
    const first = state.session()
    await send(first, origin.url('/files'))
    await first.session.finishTasksAndInvalidate()
    origin.requests.length = 0
    return {origin, state}
  }

  it.each<[string, (most: number) => Handler]>([
    ['tus', tus],
    ['the draft', draft]
  ])('of %s forbids a larger file only if the server says so still', async (_what, limited) => {
    const {origin, state} = await learn(limited(mebibyte))
    const bytes = Buffer.alloc(mebibyte + 1)
    expect(await send(state.session(), origin.url('/files'), {bytes})).toMatchObject(tooLarge)
    expect(methods(origin)).toEqual(['OPTIONS'])
  })

  it.each<[string, (most: number) => Handler, string[]]>([
    ['tus', tus, ['POST', 'PATCH']],
    ['the draft', draft, ['PUT']]
  ])('of %s lets a larger file through that the server takes by now', async (_what, limited, sent) => {
    const {origin, state} = await learn(limited(mebibyte))
    origin.on('OPTIONS', limited(2 * mebibyte))
    const later = state.session()
    for (const expected of [['OPTIONS', ...sent], sent]) {
      origin.requests.length = 0
      const outcome = await send(later, origin.url('/files'), {bytes: Buffer.alloc(mebibyte + 1)})
      expect(outcome.state).toBe('completed')
      expect(methods(origin)).toEqual(expected)
    }
  })

  it('is overlooked where the server does not say anything to the question', async () => {
    const {origin, state} = await learn(draft(10))
    origin.on('OPTIONS', respond(503))
    expect((await send(state.session(), origin.url('/files'))).state).toBe('completed')
    expect(methods(origin)).toEqual(['OPTIONS', 'PUT'])
  })
})

describe('a server of the draft', () => {
  it('is sent no more in one request than it has said', async () => {
    const server = await openDraftServer({limits: {maxAppendSize: mebibyte / 2}})
    const outcome = await send(recordedSession(), server.url('/a'))
    expect(outcome.state).toBe('completed')
    expect(server.log.map(({kind, status}) => `${kind} ${status}`)).toEqual([
      'options 204',
      'create 201',
      'append 201'
    ])
  })

  it('is sent nothing of a file that is larger than it takes, today or tomorrow', async () => {
    const server = await openDraftServer({limits: {maxSize: mebibyte - 1}})
    const state = new StateFolder()
    for (const recorded of [state.session(), state.session()]) {
      const outcome = await send(recorded, server.url('/a'))
      expect(outcome).toMatchObject({state: 'failed', error: {code: 'FILE_TOO_LARGE'}})
      await recorded.session.finishTasksAndInvalidate()
    }
    expect(server.log.map(({kind}) => kind)).toEqual(['options', 'options'])
  })

  it('may have other limits in another folder', async () => {
    const server = await openDraftServer({limits: {maxSize: mebibyte - 1}})
    const recorded = recordedSession()
    await send(recorded, server.url('/tight/a'))
    await send(recorded, server.url('/wide/a'))
    expect(server.log.map(({kind}) => kind)).toEqual(['options', 'create'])
  })
})
