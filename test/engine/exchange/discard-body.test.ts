import {expect, it} from 'vitest'
import {respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {recordedSession} from '../recorded-session.ts'

it('the body of a redirection is waited for as little as it matters, however it drips', async () => {
  await using origin = await startOrigin()
  origin.on('/from', async (_request, reply) => {
    await reply.head(307, {location: '/to', 'content-length': '60000'})
    await reply.dripBody(Buffer.alloc(60_000), 100, 1)
  })
  origin.on('/to', respond(200, {}, 'there'))
  const received = await recordedSession().get(origin.url('/from'))
  expect(received.outcome).toMatchObject({state: 'completed'})
  expect(received.body.toString()).toBe('there')
}, 20_000)
