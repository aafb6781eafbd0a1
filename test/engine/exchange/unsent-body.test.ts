import {setTimeout as sleep} from 'node:timers/promises'
import {expect, it} from 'vitest'
import type {DataOptions} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'
import type {Handler} from '../../origin/connection.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'
import {basic, demanding, startProxy} from './scripted-proxy.ts'
import {carrying, sentBody} from './sent-body.ts'

const ana = {user: 'ana', password: canary('ana')}
const right = basic(ana.user, ana.password)
const onDemand: DataOptions = {authentication: {credential: {kind: 'password', ...ana}, methods: 'any'}}
const large = seededBytes(3_000_000, 6)
const patient = {uploads: {expectTimeout: 30}}

const take: Handler = async (request, reply) => {
  if (request.header('expect')) await reply.informational(100)
  await request.untilReceived(large.length)
  // Behind the last byte comes the end of the chunks.
  await sleep(10)
  await reply.respond(200)
}

const objections: readonly (readonly [string, Handler])[] = [
  ['a challenge', (_request, reply) => reply.respond(401, {'www-authenticate': 'Basic realm="r"'})],
  [
    'a challenge that ends the connection',
    (_request, reply) =>
      reply.respond(401, {'www-authenticate': 'Basic realm="r"', connection: 'close'}, 'who?')
  ],
  ['a redirection', (_request, reply) => reply.respond(307, {location: '/to'})],
  ['a refusal of the question', (_request, reply) => reply.respond(417)]
]

function objecting(origin: Origin, object: Handler): void {
  let count = 0
  origin.on('*', (request, reply) => (count++ === 0 ? object(request, reply) : take(request, reply)), 'head')
}

it.each(objections)(
  'a body of which nothing was sent survives %s, also one that is read once',
  async (...all) => {
    const [, object] = all
    for (const length of ['known', 'unknown'] as const) {
      await using origin = await startOrigin()
      objecting(origin, object)
      const {body, readings} = sentBody({bytes: large, length, readable: 'once'})
      const {outcome, task} = await recordedSession(patient).get(carrying(origin.url('/'), body), onDemand)
      expect(outcome.error).toBeUndefined()
      expect(origin.requests.map(({bodyLength}) => bodyLength)).toEqual([0, large.length])
      expect(origin.requests[1]?.body.equals(large)).toBe(true)
      expect(readings).toMatchObject({open: 0, reasons: ['initial']})
      expect(task.metrics?.transactionMetrics.map(each => each.countOfRequestBodyBytesSent)).toContain(
        large.length
      )
    }
  }
)

it('it survives the question of a proxy too', async () => {
  await using origin = await startOrigin()
  origin.on('/', take, 'head')
  const proxy = await startProxy({objection: demanding('Basic realm="p"', value => value === right)})
  const {body, readings} = sentBody({bytes: large, readable: 'once'})
  const recorded = recordedSession({...patient, proxy: {url: proxy.url, ...ana}})
  const {outcome} = await recorded.get(carrying(origin.url('/'), body))
  expect(outcome.error).toBeUndefined()
  expect(origin.requests[0]?.body.equals(large)).toBe(true)
  expect(readings).toMatchObject({open: 0, reasons: ['initial']})
})

it('one of which something was sent is read again, and a stream has no more to give', async () => {
  await using origin = await startOrigin()
  origin.on('/', (_request, reply) => reply.respond(401, {'www-authenticate': 'Basic realm="r"'}))
  const {body, readings} = sentBody({bytes: large, readable: 'once'})
  const {outcome} = await recordedSession(patient).get(carrying(origin.url('/'), body), onDemand)
  expect(outcome.error?.code).toBe('READ_FAILED')
  expect(readings.reasons).toEqual(['initial', 'challenge'])
})

it.each([
  ['the challenge is the answer', undefined],
  ['the redirection is', {redirects: {follow: false}}]
])('one that is not sent after all is let go of: %s', async (_what, changes) => {
  await using origin = await startOrigin()
  const [, challenge] = objections[0] ?? []
  const [, redirection] = objections[2] ?? []
  const object = changes ? redirection : challenge
  if (object) objecting(origin, object)
  const {body, readings} = sentBody({bytes: large, readable: 'once'})
  const {outcome} = await recordedSession({...patient, ...changes}).get(carrying(origin.url('/'), body))
  expect(outcome.response?.status ?? outcome.error?.status).toBe(changes ? 307 : 401)
  expect(readings).toMatchObject({open: 0, reasons: ['initial']})
})
