import {expect, it} from 'vitest'
import {canary} from '../../canary/canary.ts'
import type {Handler} from '../../origin/connection.ts'
import {redirect} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {openStage} from './resumable-stage.ts'

const broken = {after: 70_000, connection: 'reset' as const}

it('shows an upload resource at its own origin who asks', async () => {
  const stage = await openStage({server: {faults: {create: [broken]}}})
  const token = canary('token', stage.server.origin)
  await stage.send({
    headers: [['X-Token', token]],
    authentication: {methods: 'preemptive', credential: {kind: 'bearer', token}}
  })
  stage.expectWhole()
  expect(stage.story).toEqual(['create', 'state 204', 'append 201'])
  for (const {request} of stage.server.log) {
    expect(request.header('x-token')).toBe(token)
    expect(request.header('authorization')).toBe(`Bearer ${token}`)
  }
})

it('shows an upload resource at another origin nothing that was meant for its own', async () => {
  const password = canary('password')
  const stage = await openStage({
    server: {location: 'otherOrigin', faults: {create: [broken]}},
    configuration: {headers: {'X-Session': canary('header')}, credentials: {bearer: canary('bearer')}}
  })
  await stage.send({
    headers: [
      ['X-Token', canary('token', stage.server.origin)],
      ['Accept-Language', 'de']
    ],
    authentication: {methods: 'preemptive', credential: {kind: 'password', user: 'me', password}}
  })
  stage.expectWhole()
  const {requests} = stage.server.elsewhere
  expect(requests.map(({method}) => method)).toEqual(['HEAD', 'PATCH'])
  for (const request of requests) {
    for (const name of ['x-token', 'x-session', 'authorization']) expect(request.header(name)).toBeUndefined()
    expect(request.header('accept-language')).toBe('de')
  }
})

it('takes back an upload at another origin without saying who it is', async () => {
  const stage = await openStage({
    server: {location: 'otherOrigin', faults: {create: [broken], state: [{claimedOffset: 999_999}]}}
  })
  const token = canary('token', stage.server.origin)
  await stage.send({headers: [['X-Token', token]]})
  expect(stage.server.elsewhere.requests.map(({method}) => method)).toEqual(['HEAD', 'DELETE'])
  expect(stage.resource.isActive).toBe(false)
})

it.each([
  ['ftp://127.0.0.1/upload', 'another scheme'],
  ['http://127.0.0.1:9/upload', 'a way without TLS'],
  ['https://', 'nothing that can be read']
])('does not take %s for an upload resource: %s', async location => {
  const stage = await openStage({server: {tls: 'good'}, configuration: {retry: {attempts: 0}}})
  stage.interruptAfter({'upload-draft-interop-version': '8', location})
  const outcome = await stage.send()
  expect(outcome.state).toBe('failed')
  expect(outcome.resumeData).toBeUndefined()
  expect(stage.server.origin.requests).toHaveLength(1)
})

it('goes with the upload resource where it is redirected to, keeping what the request says', async () => {
  const stage = await openStage({server: {faults: {create: [broken]}}})
  await using other = await startOrigin()
  const moved = stage.server.url('/U')
  other.on('/start', redirect(307, moved), 'head')
  const request = stage.start({path: other.url('/start')})
  expect(await request.outcome).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['create', 'state 204', 'append 201'])
  stage.expectWhole()
})

it('follows an upload resource that has moved to another origin', async () => {
  const stage = await openStage({server: {faults: {create: [broken]}}})
  const {elsewhere, origin} = stage.server
  origin.script(
    '/U',
    [
      async (request, reply) => {
        await reply.informational(104, {'upload-draft-interop-version': '8', location: '/moved'})
        await request.untilReceived(70_000)
        const upload = stage.server.openResource(request)
        upload.length = stage.content.length
        origin.on('/moved', redirect(307, elsewhere.url(upload.path)), 'head')
        await reply.reset()
      }
    ],
    'head'
  )
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(elsewhere.requests.map(({method}) => method)).toEqual(['HEAD', 'PATCH'])
  stage.expectWhole()
})

it('takes where a 303 leads for the answer of the target', async () => {
  const target = () => ({status: 303, fields: {location: '/result'}})
  const stage = await openStage({server: {target, faults: {create: [broken]}}})
  const {origin} = stage.server
  origin.on('/result', (_request, reply) => reply.respond(200, {}, 'seen'))
  const task = stage.start()
  expect(await task.outcome).toMatchObject({state: 'completed', response: {status: 200}})
  expect(stage.recorded.body(task).toString()).toBe('seen')
  const asked = origin.requests.at(-1)
  expect(asked?.method).toBe('GET')
  expect([...(asked?.headers.keys() ?? [])].filter(name => /^(upload|content)-/.test(name))).toEqual([])
})

it('hears where the upload is kept however the interim answers come [U10]', async () => {
  const stage = await openStage({size: 2 * 1024 * 1024})
  const {origin} = stage.server
  const begin: Handler = async (request, reply) => {
    const upload = stage.server.openResource(request)
    upload.length = stage.content.length
    const head = `HTTP/1.1 104\r\nLocation: ${upload.path}\r\nUPLOAD-DRAFT-INTEROP-VERSION: 8\r\n\r\n`
    await reply.drip(`HTTP/1.1 103 Early Hints\r\n\r\n${head}HTTP/1.1 100 Continue\r\n\r\n`, 1, 7)
    await request.untilReceived(70_000)
    await reply.reset()
  }
  origin.script('/U', [begin], 'head')
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(origin.requests.map(({method}) => method)).toEqual(['PUT', 'HEAD', 'PATCH'])
  stage.expectWhole()
})

it('goes on over TLS', async () => {
  const stage = await openStage({server: {tls: 'good', faults: {create: [broken]}}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['create', 'state 204', 'append 201'])
  stage.expectWhole()
})
