import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import type {TaskAuthentication} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'
import type {Handler} from '../../origin/connection.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Fault} from '../../origin/resource.ts'
import {serveResource} from '../../origin/serve-resource.ts'
import {digestOf, first, openStage, untilReceived} from '../download/stage.ts'
import {urlRequest} from '../../../src/engine/index.ts'
import {basicGuard, DigestGuard} from './guards.ts'
import {visitor} from './visitor.ts'

const ana = {user: 'ana', password: canary('download')}
const authentication: TaskAuthentication = {credential: {kind: 'password', ...ana}, methods: 'digest'}

/** Serves the first version to those who are let in, with a fault for each answer in turn. */
function inside(...faults: readonly Fault[]): Handler {
  let answered = 0
  return (_request, reply) => serveResource(first, reply, faults[answered++] ?? {})
}

describe('a download behind Digest', () => {
  it('goes on after a lost connection, and signs the request for the rest anew', async () => {
    const stage = await openStage({configuration: {retry: {attempts: 2, delay: 0.01}}})
    const guard = new DigestGuard(ana, {inside: inside({cutAfter: 400})})
    stage.origin.on('/F', guard.handle)
    expect(await stage.download({authentication})).toMatchObject({state: 'completed'})
    expect(stage.content).toBe(digestOf(first.body))
    expect(stage.ranges).toEqual([undefined, undefined, 'bytes=400-'])
    expect(guard.accepted.map(given => given.get('nc'))).toEqual(['00000001', '00000002'])
  })

  it('is paused and continued; its resume data knows no secret, only that there was one', async () => {
    const stage = await openStage()
    const guard = new DigestGuard(ana, {inside: inside({stallAfter: 400})})
    stage.origin.on('/F', guard.handle)
    const task = stage.start({authentication})
    await untilReceived(task, 400)
    await task.cancelByProducingResumeData()
    expect(stage.record.originalRequest.omittedHeaders).toContain('Authorization')
    expect(readFileSync(stage.resumeData, 'utf8')).not.toMatch(/canary-|"ana"/)
    await stage.session.reset()
    expect(await stage.resume()).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 401}})
    expect(await stage.resume({options: {authentication}})).toMatchObject({state: 'completed'})
    expect(stage.content).toBe(digestOf(first.body))
    expect(stage.ranges.at(-1)).toBe('bytes=400-')
  })

  it('that is whole asks with HEAD, signed as such, whether that is still so', async () => {
    const stage = await openStage()
    await stage.interruptBeforeNaming(first)
    const methods: string[] = []
    const guard = new DigestGuard(ana, {
      inside: (request, reply) => {
        methods.push(request.method)
        return request.method === 'GET'
          ? reply.respond(416, {'content-range': 'bytes */1000'})
          : serveResource(first, reply, {})
      }
    })
    stage.origin.on('/F', guard.handle)
    expect(await stage.download({authentication})).toMatchObject({state: 'completed'})
    expect(methods.at(-1)).toBe('HEAD')
  })
})

describe('resume data that somebody else made', () => {
  it("is not continued with the session's credentials, headers or netrc: a stranger chose its address", async () => {
    const secret = canary('session', {port: 0})
    const stage = await openStage({
      configuration: {
        credentials: {
          user: 'ana',
          password: secret,
          bearer: secret,
          netrc: `default login ana password ${secret}`
        },
        headers: {'X-Key': secret}
      },
      environment: {resumeDataKey: () => Buffer.alloc(32, 9)}
    })
    stage.origin.serve('/F', {...first, faults: [{stallAfter: 400}]})
    const task = stage.start({credentials: 'given'})
    await untilReceived(task, 400)
    await task.cancelByProducingResumeData()
    stage.origin.on('/F', basicGuard({user: 'ana', password: secret}))
    // Signed by the key of the stage, which is not that of this session.
    await stage.alter(record => record)
    expect(await stage.resume({trust: 'foreign'})).toMatchObject({error: {code: 'HTTP_STATUS', status: 401}})
    const sent = stage.origin.requests.map(({rawHead}) => rawHead).join()
    expect(sent).not.toMatch(/authorization|x-key/i)
  })
})

describe('a request that is challenged', () => {
  it('is asked again as it was, with nothing but its answer added [R36]', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    const request = urlRequest(origin.url('/auth?q=1'), {
      method: 'OPTIONS',
      headers: [
        ['X-One', '1'],
        ['Range', 'bytes=5-']
      ]
    })
    await visitor({credentials: ana}).get(request)
    const [before = '', after = ''] = origin.requests.map(({rawHead}) => rawHead)
    expect(after.replace(/^authorization: .*\r\n/im, '')).toBe(before)
  })

  it('does not read an endless body of the refusal, but hangs up', async () => {
    await using origin = await startOrigin()
    const refusal = respond(401, {'www-authenticate': 'Basic realm="r"'}, Buffer.alloc(4 << 20))
    origin.script('/auth', [refusal, respond(200, {}, 'in')])
    const {body, task} = await visitor({credentials: ana}).get(origin.url('/auth'))
    expect(body).toBe('in')
    expect(task.metrics?.transactionMetrics[0]?.countOfResponseBodyBytesReceived).toBeLessThan(1 << 20)
    expect(origin.connections).toBe(2)
  })

  it('shares one connection with its answer where the refusal is short', async () => {
    await using origin = await startOrigin()
    origin.on('/auth', basicGuard(ana))
    await visitor({credentials: ana}).get(origin.url('/auth'))
    expect(origin.connections).toBe(1)
  })
})
