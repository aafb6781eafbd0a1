import {readFileSync} from 'node:fs'
import {expect, it} from 'vitest'
import {openStage} from './download/stage.ts'
import {respond} from '../origin/handlers.ts'
import {recordedSession} from './recorded-session.ts'
import {startOrigin} from '../origin/origin.ts'

const gone = respond(410, {'content-type': 'text/plain'}, 'gone for good')

it('keeps the body of an error out of the target, unless it was asked for', async () => {
  const stage = await openStage()
  stage.origin.on('/F', gone)
  expect(await stage.download()).toMatchObject({
    state: 'failed',
    error: {code: 'HTTP_STATUS', body: 'gone for good'}
  })
  expect(stage.files).toEqual([])
  expect(await stage.download({httpErrors: 'deliver'})).toMatchObject({state: 'completed'})
  expect(readFileSync(stage.target, 'utf8')).toBe('gone for good')
})

it('delivers the body and fails all the same where both were asked for', async () => {
  const stage = await openStage()
  stage.origin.on('/F', gone)
  const outcome = await stage.download({httpErrors: 'deliverAndFail'})
  expect(outcome).toMatchObject({
    state: 'failed',
    error: {code: 'HTTP_STATUS', status: 410},
    path: stage.target
  })
  expect(readFileSync(stage.target, 'utf8')).toBe('gone for good')
})

it('hands the body of an error to the delegate of a data task that fails with it', async () => {
  await using origin = await startOrigin()
  origin.on('/x', gone)
  const recorded = recordedSession({})
  const {outcome, body} = await recorded.get(origin.url('/x'), {httpErrors: 'deliverAndFail'})
  expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 410}})
  expect(body.toString()).toBe('gone for good')
})

it('never puts the text of an error in the place of bytes that could be continued [D15]', async () => {
  const stage = await openStage()
  await stage.interrupt({body: Buffer.alloc(200_000, 7), entityTag: '"v1"'}, 100_000)
  stage.origin.on('/F', gone)
  const outcome = await stage.download({httpErrors: 'deliver'})
  expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS'}})
  expect(stage.files).toEqual(['F.ferry', 'F.part'])
})

it('names the peer of a transaction, long bodies included [P31]', async () => {
  const stage = await openStage()
  stage.origin.serve('/F', {body: {size: 2_000_000, seed: 1}})
  const task = stage.start()
  await task.outcome
  expect(task.metrics?.transactionMetrics[0]).toMatchObject({
    remoteAddress: '127.0.0.1',
    remotePort: stage.origin.port
  })
})
