import {setTimeout as sleep} from 'node:timers/promises'
import {expect, it} from 'vitest'
import type {Exchange} from '../../../src/engine/exchange/exchange.ts'
import {follow} from '../../../src/engine/exchange/follow.ts'
import type {HeaderField, Task, URLRequest} from '../../../src/engine/index.ts'
import {startOrigin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {recordedSession} from '../recorded-session.ts'
import {carrying, sentBody} from './sent-body.ts'

const bytes = seededBytes(500_000, 4)

interface Informed {
  readonly status: number
  readonly headers: readonly HeaderField[]
}

/** Follows a request by hand, as upload protocols do, and writes down the interim answers. */
async function informedOf(request: URLRequest): Promise<{informed: Informed[]; status: number}> {
  const informed: Informed[] = []
  const {session} = recordedSession()
  const task: Task = session.dataTask(request)
  const watch = (exchange: Exchange) => {
    exchange.onInformational = (status, headers) => void informed.push({status, headers})
  }
  const {exchange, response} = await follow(task, request, {watch})
  await exchange.receive({write: () => {}})
  return {informed, status: response.status}
}

it.each([0, 1, 13])(
  'interim answers are told with their fields while the body is sent, but not 100 (writes of %i bytes)',
  async split => {
    await using origin = await startOrigin()
    origin.split = split
    origin.on(
      '/',
      async (request, reply) => {
        await reply.informational(104, {Location: '/uploads/1', 'Upload-Limit': 'max-size=10, min-size=1'})
        await reply.informational(100)
        await request.untilReceived(bytes.length / 2)
        await reply.informational(104, {'Upload-Offset': '250000'})
        await request.untilReceived(bytes.length)
        await reply.respond(201, {}, 'stored')
      },
      'head'
    )
    const {body} = sentBody({bytes})
    const {informed, status} = await informedOf(carrying(origin.url('/'), body))
    expect(status).toBe(201)
    expect(informed).toEqual([
      {
        status: 104,
        headers: [
          ['location', '/uploads/1'],
          ['upload-limit', 'max-size=10, min-size=1']
        ]
      },
      {status: 104, headers: [['upload-offset', '250000']]}
    ])
  }
)

it('reports of progress may come as often as an honest server sends them', async () => {
  await using origin = await startOrigin()
  origin.on(
    '/',
    async (request, reply) => {
      for (let count = 0; count < 200; count++) await reply.informational(104, {'Upload-Offset': `${count}`})
      await request.untilReceived(bytes.length)
      await reply.respond(200)
    },
    'head'
  )
  const {informed, status} = await informedOf(carrying(origin.url('/'), sentBody({bytes}).body))
  expect(status).toBe(200)
  expect(informed).toHaveLength(200)
})

it.each([
  ['of another kind', 103, true],
  ['where no body is sent', 104, false]
] as const)('a flood of them ends the transfer %s', async (_what, status, hasBody) => {
  await using origin = await startOrigin()
  origin.on(
    '/',
    async (_request, reply) => {
      for (let count = 0; count < 40; count++) await reply.informational(status)
      await sleep(10)
      await reply.respond(200)
    },
    'head'
  )
  const carried = carrying(origin.url('/'), sentBody({bytes}).body)
  const {body: _body, ...bare} = carried
  const {outcome} = await recordedSession().get(hasBody ? carried : {...bare, method: 'GET'})
  expect(outcome.error?.code).toBe('REPLY_MALFORMED')
})
