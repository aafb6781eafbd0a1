import {describe, expect, it, onTestFinished} from 'vitest'
import {canary} from '../canary/canary.ts'
import {certificates} from '../origin/certificates.ts'
import {redirect, respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {openTusScene} from './tus-scene.ts'
import {TusOrigin} from './tus-origin.ts'
import {urlRequest} from '../../src/engine/index.ts'

async function another(options: Parameters<typeof startOrigin>[0] = {}): Promise<Origin> {
  const origin = await startOrigin(options)
  onTestFinished(() => origin.close())
  return origin
}

const secretNames = ['authorization', 'cookie', 'x-token']

describe('the upload that a server of tus names', () => {
  it('is created in the collection where the user has named one', async () => {
    const {stage, tus} = await openTusScene()
    await stage.upload({collection: new URL(stage.origin.url('/folder/'))})
    expect(tus.story).toEqual(['OPTIONS /folder/', 'POST /folder/', 'PATCH /kept/1 from 0'])
  })

  it('is asked in version 1.0.0; the question what there is, in none', async () => {
    const {stage} = await openTusScene()
    await stage.upload()
    expect(stage.origin.requests.map(request => request.header('tus-resumable'))).toEqual([
      undefined,
      '1.0.0',
      '1.0.0'
    ])
  })

  it('is asked with everything that the user has said of the same origin', async () => {
    const {stage, tus} = await openTusScene()
    const password = canary('password', stage.origin)
    const token = canary('token', stage.origin)
    await stage.upload({
      headers: [['X-Token', token]],
      authentication: {credential: {kind: 'password', user: 'anna', password}, methods: 'preemptive'}
    })
    for (const request of stage.origin.requests) {
      expect(request.header('authorization')).toMatch(/^Basic /)
      expect(request.header('x-token')).toBe(token)
    }
    expect(tus.story).toHaveLength(3)
  })

  it('gets nothing that is secret where it is at another origin', async () => {
    const {stage, tus} = await openTusScene()
    const elsewhere = await another()
    const there = new TusOrigin(elsewhere)
    there.kept.set('/kept/far', {length: 1000, content: Buffer.alloc(0)})
    tus.instead('POST', respond(201, {location: elsewhere.url('/kept/far')}))
    const password = canary('password', stage.origin)
    const headers = [
      ['X-Token', canary('token', stage.origin)],
      ['Cookie', `id=${canary('cookie', stage.origin)}`],
      ['Accept-Language', 'cy']
    ] as const
    await expect(
      stage.upload({
        headers,
        authentication: {credential: {kind: 'password', user: 'anna', password}, methods: 'preemptive'}
      })
    ).resolves.toMatchObject({state: 'completed'})
    expect(there.kept.get('/kept/far')?.content.equals(stage.content)).toBe(true)
    const [request] = elsewhere.requests
    for (const name of secretNames) expect(request?.header(name)).toBeUndefined()
    expect(request?.header('accept-language')).toBe('cy')
    expect(stage.origin.requests[1]?.header('x-token')).toBeDefined()
  })

  it('gets the secrets of a session no more than those of the task', async () => {
    const elsewhere = await another()
    const {stage, tus} = await openTusScene()
    const there = new TusOrigin(elsewhere)
    there.kept.set('/kept/far', {length: 1000, content: Buffer.alloc(0)})
    tus.instead('POST', respond(201, {location: elsewhere.url('/kept/far')}))
    const token = canary('token', stage.origin)
    await stage.upload({}, stage.session({headers: {'X-Token': token}, credentials: {bearer: token}}))
    expect(stage.origin.requests[1]?.header('authorization')).toBe(`Bearer ${token}`)
    for (const name of secretNames) expect(elsewhere.requests[0]?.header(name)).toBeUndefined()
  })

  it.each([
    ['none', {}],
    ['of another scheme', {location: 'ftp://127.0.0.1/kept/1'}],
    ['that nobody can read', {location: 'http://[::/'}],
    ['too long for resume data', {location: `/kept/${'x'.repeat(9000)}`}]
  ])('has to be one that can be asked: %s is refused', async (_what, fields) => {
    const {stage, tus} = await openTusScene()
    tus.instead('POST', respond(201, fields))
    await expect(stage.upload()).resolves.toMatchObject({error: {code: 'REPLY_MALFORMED'}})
    expect(tus.requestsWith('PATCH')).toEqual([])
  })

  it('is not used where it leads from https to http', async () => {
    const {stage} = await openTusScene({tls: {ca: certificates.authority}})
    const secure = await another({tls: 'good'})
    new TusOrigin(secure).instead('POST', respond(201, {location: stage.origin.url('/kept/1')}))
    const session = stage.session({network: {resolve: {[`localhost:${secure.port}`]: ['127.0.0.1']}}})
    const task = session.uploadTask(urlRequest(secure.url('/U', 'localhost'), {method: 'PUT'}), {
      source: {kind: 'file', path: stage.file}
    })
    task.resume()
    await expect(task.outcome).resolves.toMatchObject({error: {code: 'REFUSED'}})
    expect(stage.origin.requests).toEqual([])
  })

  it('may be created and sent to where redirections lead, secrets aside', async () => {
    const {stage, tus} = await openTusScene()
    const elsewhere = await another()
    const there = new TusOrigin(elsewhere)
    const token = canary('token', stage.origin)
    const hop = redirect(307, elsewhere.url('/U'))
    tus.instead('OPTIONS', respond(404))
    tus.instead('POST', hop)
    there.instead('PATCH', redirect(308, elsewhere.url('/kept/1?again')))
    await expect(stage.upload({headers: [['X-Token', token]]})).resolves.toMatchObject({state: 'completed'})
    expect(there.kept.get('/kept/1')?.content.equals(stage.content)).toBe(true)
    expect(elsewhere.requests.map(({method}) => method)).toEqual(['POST', 'PATCH', 'PATCH'])
    for (const request of elsewhere.requests) expect(request.header('x-token')).toBeUndefined()
  })

  it('is left alone by a cancellation where the server does not offer to forget it', async () => {
    const {stage, tus} = await openTusScene()
    tus.offer = {extensions: 'creation'}
    tus.instead('PATCH', (_request, reply) => reply.stall())
    const task = stage.start()
    await stage.origin.untilRequests(3)
    task.cancel()
    await expect(task.outcome).resolves.toMatchObject({state: 'cancelled'})
    expect(tus.requestsWith('DELETE')).toEqual([])
    expect(stage.files).toEqual([])
  })

  it('cannot be had where the server lets nobody create uploads', async () => {
    const {stage, tus} = await openTusScene()
    tus.offer = {extensions: 'expiration'}
    await expect(stage.upload()).resolves.toMatchObject({error: {code: 'NOT_RESUMABLE'}})
    expect(tus.story).toEqual(['OPTIONS /U'])
  })

  it('is asked for where OPTIONS says nothing of use', async () => {
    const {stage, tus} = await openTusScene()
    tus.instead('OPTIONS', respond(405))
    await expect(stage.upload()).resolves.toMatchObject({state: 'completed'})
    expect(tus.story).toEqual(['OPTIONS /U', 'POST /U', 'PATCH /kept/1 from 0'])
  })
})
