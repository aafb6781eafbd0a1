import {writeFileSync} from 'node:fs'
import {expect, it} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, openStage} from '../download/stage.ts'

const bodies = {short: seededBytes(20_000, 14), long: seededBytes(150_000, 15)}
const framings = ['length', 'chunked', 'close'] as const
const rows = Object.entries(bodies).flatMap(([name, body]) =>
  framings.map(framing => ({name, body, framing}))
)

it.each(rows)(
  'refuses a $name body by $framing that is one byte too large [promise 7]',
  async ({body, framing}) => {
    const stage = await openStage({configuration: {limits: {maxFileSize: body.length - 1}}})
    stage.origin.serve('/F', {body, framing, entityTag: '"v1"'})
    writeFileSync(stage.target, 'old')
    expect(await stage.download()).toMatchObject({state: 'failed', error: {code: 'FILE_TOO_LARGE'}})
    expect(stage.content).toBe(digestOf(Buffer.from('old')))
    expect(stage.origin.requests).toHaveLength(1)
  }
)

it.each(rows)('takes a $name body by $framing of exactly the size allowed', async ({body, framing}) => {
  const stage = await openStage({configuration: {limits: {maxFileSize: body.length}}})
  stage.origin.serve('/F', {body, framing, entityTag: '"v1"'})
  expect(await stage.download()).toMatchObject({state: 'completed'})
  expect(stage.content).toBe(digestOf(body))
})

it('counts what is here already towards the size allowed', async () => {
  const stage = await openStage({configuration: {limits: {maxFileSize: 120_000}}})
  const resource = {body: bodies.long, framing: 'chunked', entityTag: '"v1"'} as const
  await stage.interrupt(resource, 100_000)
  stage.origin.serve('/F', resource)
  expect(await stage.download()).toMatchObject({state: 'failed', error: {code: 'FILE_TOO_LARGE'}})
  expect(stage.content).toBeUndefined()
})

it('needs no announced length unless asked to, and says so of a file without one [promise 1b]', async () => {
  const stage = await openStage()
  for (const body of Object.values(bodies)) {
    stage.origin.serve('/F', {body, framing: 'close'})
    expect(await stage.download()).toMatchObject({state: 'completed', note: 'unannouncedLength'})
    expect(stage.content).toBe(digestOf(body))
  }
})

it.each(Object.entries(bodies))(
  'wants an end that cannot be forged where asked to [promise 1b]: %s',
  async (_name, body) => {
    const stage = await openStage()
    stage.origin.serve('/F', {body, framing: 'close'})
    const refused = await stage.download({requireLength: true})
    expect(refused).toMatchObject({state: 'failed', error: {code: 'TRANSFER_TRUNCATED'}})
    expect(stage.origin.requests).toHaveLength(1)
    expect(stage.files).toEqual([])
    for (const framing of ['length', 'chunked'] as const) {
      stage.origin.serve('/F', {body, framing})
      expect(await stage.download({requireLength: true})).toMatchObject({state: 'completed'})
    }
  }
)
