import {expect, it} from 'vitest'
import type {DraftServerOptions} from './draft-server.ts'
import {uploadScene} from './upload-scene.ts'
import type {UploadScene} from './upload-scene.ts'
import type {RawAnswer} from './raw-upload-client.ts'

/** A whole upload of ten bytes in one request, with its 104 if there was one, and the answer to HEAD after it. */
async function sendAll(scene: UploadScene): Promise<(RawAnswer | undefined)[]> {
  const client = await scene.client()
  client.send('PUT /file', scene.creation(), '0123456789')
  const first = await client.next()
  const final = first?.status === 104 ? await client.final() : first
  client.drop()
  return [final, scene.server.resources.length > 0 ? await scene.ask('HEAD') : undefined]
}

const state = (offset: number, complete = '?0'): object => ({
  status: 204,
  fields: {'upload-offset': String(offset), 'upload-complete': complete}
})

it.each<[string, DraftServerOptions, object | undefined, object | undefined]>([
  ['cut in the middle', {faults: {create: [{after: 4, connection: 'fin'}]}}, undefined, state(4)],
  ['reset at the end', {faults: {create: [{after: 10, connection: 'reset'}]}}, undefined, state(10)],
  ['stored in part', {faults: {create: [{after: 8, connection: 'fin', stores: 3}]}}, undefined, state(3)],
  ['answer lost', {faults: {create: [{connection: 'reset'}]}}, undefined, state(10, '?1')],
  [
    '503 in the middle',
    {faults: {create: [{after: 4, status: 503, fields: {'retry-after': '1'}}]}},
    {status: 503, fields: {'upload-complete': '?0', 'retry-after': '1'}},
    state(4)
  ],
  [
    '503 in the words of an early version',
    {interopVersion: 3, faults: {create: [{after: 4, status: 503}]}},
    {status: 503, fields: {'upload-offset': '4'}},
    state(4)
  ],
  [
    'answer late',
    {interim: 'withheld', faults: {create: [{lateBy: 30, connection: 'fin'}]}},
    undefined,
    state(10, '?1')
  ],
  [
    'forgotten',
    {faults: {create: [{after: 4, connection: 'fin'}], state: [{forgets: true}]}},
    undefined,
    {status: 404}
  ],
  [
    'offset claimed',
    {faults: {create: [{after: 4, connection: 'fin'}], state: [{claimedOffset: 99}]}},
    undefined,
    state(99)
  ],
  [
    'refused at once',
    {faults: {create: [{after: 0, status: 412, fields: {'tus-resumable': '1.0.0'}}]}},
    {status: 412, fields: {'tus-resumable': '1.0.0'}},
    undefined
  ]
])('does wrong what it is told: %s', async (_what, options, final, asked) => {
  const scene = await uploadScene(options)
  const [answer, after] = await sendAll(scene)
  if (final === undefined) expect(answer).toBeUndefined()
  else expect(answer).toMatchObject(final)
  if (asked === undefined) expect(after).toBeUndefined()
  else expect(after).toMatchObject(asked)
})

it('ends an upload early with what the target says of its beginning', async () => {
  const fault = {after: 4, status: 422, fields: {'upload-complete': '?1'}}
  const scene = await uploadScene({faults: {create: [fault]}})
  const [answer, after] = await sendAll(scene)
  expect(answer).toMatchObject({status: 422, fields: {'upload-complete': '?1'}})
  expect(after).toMatchObject(state(4, '?1'))
  expect(scene.server.takeViolations()).toEqual([expect.stringMatching(/^HEAD after/)])
})

it('names the upload of one request, but not that of another', async () => {
  const scene = await uploadScene({faults: {create: [{unannounced: true}]}})
  const client = await scene.client()
  for (const statuses of [[201], [104, 201]]) {
    client.send('PUT /file', scene.creation(), 'hello')
    for (const status of statuses) expect((await client.next())?.status).toBe(status)
  }
})

it('does wrong only with the request that the fault is for', async () => {
  const scene = await uploadScene({faults: {append: [undefined, {conflicts: true}], state: [{status: 503}]}})
  await scene.interrupt()
  expect((await scene.ask('HEAD'))?.status).toBe(503)
  expect((await scene.ask('HEAD'))?.status).toBe(204)
  expect((await scene.ask('PATCH', scene.append(5, {'upload-complete': '?0'}), '56'))?.status).toBe(204)
  const conflict = await scene.ask('PATCH', scene.append(7), '789')
  expect(conflict).toMatchObject({status: 409, fields: {'upload-offset': '7', 'upload-complete': '?0'}})
  expect(conflict?.body).toContain('#mismatching-upload-offset')
  expect((await scene.ask('PATCH', scene.append(7), '789'))?.status).toBe(201)
  expect(scene.server.of('append').map(({status}) => status)).toEqual([204, 409, 201])
})

it.each([
  [8, undefined, {status: 200, fields: {'upload-complete': '?1'}, body: 'thanks'}],
  [8, 'refuse', {status: 400, fields: {'upload-complete': '?0'}}],
  [8, 'forget', {status: 404}],
  [6, undefined, {status: 400, fields: {'upload-complete': '?0'}}]
] as const)(
  'version %i meets the append after a lost answer as it should: %s',
  async (interopVersion, completedAppend, expected) => {
    const scene = await uploadScene({
      interopVersion,
      ...(completedAppend && {completedAppend}),
      target: () => ({status: 200, body: 'thanks'}),
      faults: {create: [{connection: 'reset'}]}
    })
    const [, asked] = await sendAll(scene)
    expect(asked).toMatchObject(state(10, '?1'))
    expect(await scene.ask('PATCH', scene.append(10))).toMatchObject(expected)
  }
)

it.each([
  ['refused', 405],
  ['plain', 204]
] as const)('answers OPTIONS as it is told: %s', async (options, status) => {
  const scene = await uploadScene({options})
  const client = await scene.client()
  client.send('OPTIONS /file')
  const answer = await client.final('OPTIONS')
  expect(answer).toMatchObject({status})
  expect(answer?.fields).not.toHaveProperty('upload-limit')
})

it('does not cancel where it cannot', async () => {
  const scene = await uploadScene({cancellation: 'unsupported'})
  await scene.interrupt()
  expect((await scene.ask('DELETE'))?.status).toBe(405)
  expect(scene.resource.isActive).toBe(true)
})
