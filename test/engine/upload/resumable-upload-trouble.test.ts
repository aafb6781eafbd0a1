import {existsSync} from 'node:fs'
import {expect, it} from 'vitest'
import {canary} from '../../canary/canary.ts'
import type {Handler} from '../../origin/connection.ts'
import {openStage} from './resumable-stage.ts'

const broken = {after: 70_000, connection: 'reset' as const}

it('asks once more where the server says that the offset is another one, and goes on there [U5]', async () => {
  const stage = await openStage({server: {faults: {create: [broken], append: [{conflicts: true}]}}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['create', 'state 204', 'append 409', 'state 204', 'append 201'])
  stage.expectWhole()
})

it('fails where the offset that the server has just told is refused twice', async () => {
  const faults = {create: [broken], append: [{conflicts: true}, {conflicts: true}] as const}
  const stage = await openStage({server: {faults}})
  expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 409}})
  expect(stage.story).toEqual(['create', 'state 204', 'append 409', 'state 204', 'append 409'])
})

it('begins again at zero where the server has forgotten the upload', async () => {
  const stage = await openStage({server: {faults: {create: [broken], state: [{forgets: true}]}}})
  const task = stage.start()
  expect(await task.outcome).toMatchObject({state: 'completed'})
  expect(task).toMatchObject({restarted: true, countOfBytesSent: 200_000})
  expect(stage.story).toEqual(['create', 'state 404', 'create 201'])
  expect(stage.server.resources.at(-1)?.content.equals(stage.content)).toBe(true)
})

it('fails where it may not begin again', async () => {
  const stage = await openStage({server: {faults: {create: [broken], state: [{forgets: true}]}}})
  expect(await stage.send({restarting: 'refuse'})).toMatchObject({error: {code: 'NOT_RESUMABLE'}})
  expect(stage.story).toEqual(['create', 'state 404'])
})

it('begins again where the server forgets it between question and append', async () => {
  const stage = await openStage({server: {faults: {create: [broken], append: [{forgets: true}]}}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['create', 'state 204', 'append 404', 'create 201'])
})

it('asks again later where the question itself fails', async () => {
  const state = [{status: 502}, {connection: 'reset' as const}]
  const stage = await openStage({server: {faults: {create: [broken], state}}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['create', 'state 502', 'state', 'state 204', 'append 201'])
  stage.expectWhole()
})

it('fails where the question is refused', async () => {
  const stage = await openStage({server: {faults: {create: [broken], state: [{status: 401}]}}})
  expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 401}})
  expect(stage.story).toEqual(['create', 'state 401'])
})

it('gives up, and says so to the server, where that has more than the file [U4]', async () => {
  const stage = await openStage({server: {faults: {create: [broken], state: [{claimedOffset: 200_001}]}}})
  expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
  expect(stage.story).toEqual(['create', 'state 204', 'cancel 204'])
  expect(existsSync(stage.resumeData)).toBe(false)
})

it.each([
  ['has ended it before its end', {'upload-offset': '70000', 'upload-complete': '?1'}],
  ['expects another length', {'upload-offset': '70000', 'upload-complete': '?0', 'upload-length': '200001'}]
])('gives up where the server %s', async (_, fields) => {
  const stage = await openStage({server: {faults: {create: [broken], state: [{status: 204, fields}]}}})
  expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
  expect(stage.story).toEqual(['create', 'state 204', 'cancel 204'])
})

it('goes on at zero where the server has kept nothing [U4]', async () => {
  const stage = await openStage({server: {faults: {create: [{...broken, stores: 0}]}}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.only('append').request.header('upload-offset')).toBe('0')
  stage.expectWhole()
})

it('gives up where the server has lost what it had acknowledged [U2]', async () => {
  const server = {progressEvery: 20_000, faults: {create: [broken], state: [{claimedOffset: 10}]}}
  const stage = await openStage({server})
  const outcome = await stage.send()
  expect(outcome).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
  expect(outcome.error?.message).toContain('lost')
  expect(stage.story).toEqual(['create', 'state 204', 'cancel 204'])
})

it('gives up where the server names two places for one upload, and takes back the first [U2]', async () => {
  const stage = await openStage({server: {location: 'changing', faults: {create: [{lateBy: 1000}]}}})
  expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'REPLY_MALFORMED'}})
  expect(stage.story.at(-1)).toBe('cancel 204')
  expect(stage.resource.isActive).toBe(false)
  expect(existsSync(stage.resumeData)).toBe(false)
})

it('finds an upload resource by a relative Location', async () => {
  const stage = await openStage({server: {location: 'relative', faults: {create: [broken]}}})
  expect(await stage.send({path: '/deep/down/U'})).toMatchObject({state: 'completed'})
  stage.expectWhole()
})

it('takes a 104 of another version for nothing at all [3F 117]', async () => {
  const stage = await openStage({server: {interopVersion: 6}, configuration: {retry: {attempts: 0}}})
  stage.interruptAfter(
    {'upload-draft-interop-version': '5', location: '/uploads/5'},
    {location: '/uploads/none'}
  )
  const outcome = await stage.send()
  expect(outcome.state).toBe('failed')
  expect(outcome.resumeData).toBeUndefined()
  expect(stage.server.origin.requests).toHaveLength(1)
})

it('sends everything after an empty PUT that was taken for the whole', async () => {
  const stage = await openStage({uploads: {mode: 'careful', interopVersion: 7}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.server.plain.map(({content}) => content.length)).toEqual([0, 200_000])
})

it('does not send an empty POST and then another one', async () => {
  const stage = await openStage({uploads: {mode: 'careful', interopVersion: 7}})
  expect(await stage.send({method: 'POST'})).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
  expect(stage.server.plain).toHaveLength(1)
})

it('sends an empty file in one request', async () => {
  const stage = await openStage({size: 0, uploads: {mode: 'careful'}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['create 201'])
})

it('begins again where whoever answers for the upload says nothing of it', async () => {
  const stage = await openStage({server: {faults: {create: [broken], state: [{status: 200}]}}})
  expect(await stage.send()).toMatchObject({state: 'completed'})
  expect(stage.story).toEqual(['create', 'state 200', 'create 201'])
})

it('takes back an upload that was begun by a request that was challenged', async () => {
  const stage = await openStage()
  const {origin} = stage.server
  const version = {'upload-draft-interop-version': '8'}
  const challenge: Handler = async (request, reply) => {
    await reply.informational(104, {...version, location: stage.server.openResource(request).path})
    await request.untilReceived(Infinity)
    await reply.respond(401, {'www-authenticate': 'Basic realm="r"'})
  }
  const take: Handler = async (request, reply) => {
    await reply.informational(104, {...version, location: '/second'})
    await request.untilReceived(Infinity)
    await reply.respond(201, {'upload-complete': '?1'})
  }
  origin.script('/U', [challenge, take], 'head')
  const credential = {kind: 'password', user: 'me', password: canary('password', origin)} as const
  expect(await stage.send({authentication: {methods: 'any', credential}})).toMatchObject({state: 'completed'})
  expect(stage.resource.isActive).toBe(false)
  expect(origin.requests.map(({method}) => method)).toEqual(['PUT', 'PUT', 'DELETE'])
})
