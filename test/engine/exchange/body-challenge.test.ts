import {describe, expect, it} from 'vitest'
import type {DataOptions} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Handler} from '../../origin/connection.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {DigestGuard} from '../authentication/guards.ts'
import {visitor} from '../authentication/visitor.ts'
import {basic, demanding, startProxy} from './scripted-proxy.ts'
import {carrying, sentBody} from './sent-body.ts'

const ana = {user: 'ana', password: canary('ana')}
const right = basic(ana.user, ana.password)
const asked: DataOptions = {
  authentication: {credential: {kind: 'password', ...ana}, methods: 'digest'}
}
const onDemand: DataOptions = {
  authentication: {credential: {kind: 'password', ...ana}, methods: 'any'}
}
const small = seededBytes(100_000, 5)
const large = seededBytes(3_000_000, 6)

const guarded: Handler = (request, reply) =>
  request.header('authorization') === right
    ? reply.respond(200)
    : reply.respond(401, {'www-authenticate': 'Basic realm="r"'}, 'who?')

describe('a body of a request that is challenged', () => {
  it('is read once more for the answer to the challenge', async () => {
    await using origin = await startOrigin()
    origin.on('/', guarded)
    const {body, readings} = sentBody({bytes: small})
    const {outcome} = await visitor().get(carrying(origin.url('/'), body), onDemand)
    expect(outcome.error).toBeUndefined()
    expect(origin.requests.map(({bodyLength}) => bodyLength)).toEqual([small.length, small.length])
    expect(origin.requests[1]?.body.equals(small)).toBe(true)
    expect(readings).toMatchObject({reasons: ['initial', 'challenge'], open: 0})
  })

  it('is not sent for nothing where it is long and the server asks before it takes it', async () => {
    await using origin = await startOrigin()
    origin.on(
      '/',
      async (request, reply) => {
        if (request.header('authorization') === right) await reply.informational(100)
        await (request.header('authorization') === right ? request.untilReceived(large.length) : undefined)
        await guarded(request, reply)
      },
      'head'
    )
    const {body} = sentBody({bytes: large})
    const {outcome} = await visitor().get(carrying(origin.url('/'), body), onDemand)
    expect(outcome.error).toBeUndefined()
    expect(origin.requests.map(({bodyLength}) => bodyLength)).toEqual([0, large.length])
  })

  it.each(['auth', 'auth-int', 'auth-int,auth'])(
    'is signed along by Digest only where nothing else is asked for (%s)',
    async qop => {
      await using origin = await startOrigin()
      const guard = new DigestGuard(ana, {qop, algorithm: 'SHA-256'})
      origin.on('*', guard.handle)
      const {body, readings} = sentBody({bytes: small, length: 'unknown'})
      const {get} = visitor()
      expect(await get(carrying(origin.url('/'), body), asked)).toMatchObject({body: 'welcome to /'})
      expect(await get(carrying(origin.url('/b'), body), asked)).toMatchObject({body: 'welcome to /b'})
      expect(guard.accepted).toHaveLength(2)
      const hashed = qop === 'auth-int' ? ['challenge'] : []
      const again = qop === 'auth-int' ? ['initial', 'challenge', 'challenge'] : ['initial']
      expect(readings).toMatchObject({
        reasons: ['initial', ...hashed, 'challenge', ...again],
        open: 0
      })
    }
  )

  it('goes to a proxy that reads requests, and asks who it is before it takes a long one', async () => {
    await using origin = await startOrigin()
    origin.on('/', respond(200))
    const proxy = await startProxy({objection: demanding('Basic realm="p"', value => value === right)})
    const {body, readings} = sentBody({bytes: large})
    const {get} = visitor({proxy: {url: proxy.url, ...ana}})
    const {outcome} = await get(carrying(origin.url('/'), body, {method: 'POST'}))
    expect(outcome.error).toBeUndefined()
    expect(proxy.heads).toHaveLength(2)
    expect(origin.requests[0]?.body.equals(large)).toBe(true)
    expect(readings).toMatchObject({reasons: ['initial'], open: 0})
  })

  it('is not read before the tunnel of a proxy stands', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.on('/', respond(200))
    const proxy = await startProxy({objection: demanding('Basic realm="p"', value => value === right)})
    const {body, readings} = sentBody({bytes: small})
    const {get} = visitor({proxy: {url: proxy.url, ...ana}})
    const {outcome} = await get(carrying(origin.url('/'), body))
    expect(outcome.error).toBeUndefined()
    expect(proxy.heads.length).toBeGreaterThan(1)
    expect(origin.requests[0]?.body.equals(small)).toBe(true)
    expect(readings).toMatchObject({reasons: ['initial'], open: 0})
  })
})
