import {describe, expect, it} from 'vitest'
import type {DraftVersion} from './dialect.ts'
import {uploadScene} from './upload-scene.ts'

const versions: readonly DraftVersion[] = [3, 5, 6, 7, 8]

describe.each(versions)('a server of interop version %i', interopVersion => {
  it('names the upload in a 104 of its version, and answers with what the target says', async () => {
    const scene = await uploadScene({
      interopVersion,
      target: content => ({status: 200, body: `got ${content}`})
    })
    const client = await scene.client()
    client.send('PUT /file', scene.creation(), 'hello')
    const interim = await client.next()
    expect(interim).toEqual({
      status: 104,
      fields: {
        'upload-draft-interop-version': String(interopVersion),
        location: scene.server.url(scene.resource.path)
      },
      body: ''
    })
    const final = await client.next()
    expect(final).toMatchObject({status: 200, body: 'got hello'})
    expect(final?.fields['upload-complete']).toBe(interopVersion > 5 ? '?1' : undefined)
    expect(final?.fields['upload-offset']).toBe(interopVersion > 5 ? undefined : '5')
    expect(scene.resource).toMatchObject({isComplete: true, isFinalTold: true, offset: 5})
  })

  it('keeps what came before the connection broke, tells how much, and takes the rest once', async () => {
    const scene = await uploadScene({interopVersion})
    await scene.interrupt()
    expect(scene.resource.isComplete).toBe(false)
    const state = await scene.ask('HEAD')
    expect(state).toMatchObject({
      status: 204,
      fields: {'upload-offset': '5', 'upload-complete': '?0', 'cache-control': 'no-store'}
    })
    expect(state?.fields['upload-length']).toBe(interopVersion > 5 ? '10' : undefined)
    expect(await scene.ask('PATCH', scene.append(5), '56789')).toMatchObject({status: 201})
    expect(scene.resource.content.toString()).toBe('0123456789')
    expect(scene.resource.stored).toEqual([
      {first: 0, end: 5},
      {first: 5, end: 10}
    ])
  })

  it('takes parts, one after the other', async () => {
    const scene = await uploadScene({interopVersion})
    const client = await scene.client()
    client.send('POST /file', scene.creation({'upload-complete': '?0'}), 'one')
    expect(await client.final()).toMatchObject({
      status: 201,
      fields: {'upload-complete': '?0', location: scene.server.url(scene.resource.path)}
    })
    const part = await scene.ask('PATCH', scene.append(3, {'upload-complete': '?0'}), 'two')
    expect(part).toMatchObject({
      status: interopVersion > 5 ? 204 : 201,
      fields: {'upload-complete': '?0'}
    })
    expect(await scene.ask('PATCH', scene.append(6), '')).toMatchObject({status: 201})
    expect(scene.resource).toMatchObject({isComplete: true, offset: 6})
  })

  it.each(['9', '', 'x'])('takes a request of version "%s" for an ordinary one', async version => {
    const scene = await uploadScene({interopVersion})
    const client = await scene.client()
    client.send('PUT /file', scene.creation({'upload-draft-interop-version': version}), 'hello')
    expect(await client.next()).toMatchObject({status: 201, fields: {}})
    expect(scene.server.resources).toEqual([])
    expect(scene.server.plain[0]?.content.toString()).toBe('hello')
  })

  it('says how far it has stored in its own manner, where its draft has one', async () => {
    const scene = await uploadScene({interopVersion, progressEvery: 2})
    const client = await scene.client()
    client.send('PUT /file', scene.creation({'content-length': '6'}), '01')
    expect((await client.next())?.fields['location']).toBeDefined()
    const told = {'upload-draft-interop-version': String(interopVersion), 'upload-offset': '2'}
    if (interopVersion > 3) expect(await client.next()).toEqual({status: 104, fields: told, body: ''})
    client.write('2345')
    expect(await client.next()).toMatchObject({status: interopVersion > 3 ? 104 : 201})
  })

  it('forgets an upload that is cancelled', async () => {
    const scene = await uploadScene({interopVersion})
    await scene.interrupt()
    expect(await scene.ask('DELETE')).toMatchObject({status: 204})
    expect(await scene.ask('HEAD')).toMatchObject({status: 404})
    expect(await scene.ask('PATCH', scene.append(5), '56789')).toMatchObject({status: 404})
  })

  it('announces what it supports by OPTIONS, where its draft does', async () => {
    const scene = await uploadScene({interopVersion})
    const client = await scene.client()
    client.send('OPTIONS /file')
    const answer = await client.next()
    expect(answer?.fields['upload-limit']).toBe(interopVersion > 5 ? 'min-size=0' : undefined)
  })

  it('tells its limits by the names of its draft, and refuses what is too large', async () => {
    const scene = await uploadScene({interopVersion, limits: {maxSize: 9, maxAge: 60}})
    const client = await scene.client()
    const said = {3: undefined, 5: 'max-size=9, expires=60'}
    const limit = interopVersion > 5 ? 'max-size=9, max-age=60' : said[interopVersion === 3 ? 3 : 5]
    client.send('PUT /file', scene.creation(), 'hello')
    expect((await client.next())?.fields['upload-limit']).toBe(limit)
    await client.final()
    client.send('PUT /file', scene.creation(), '0123456789')
    const refusal = await client.final()
    expect(refusal?.status).toBe(413)
    expect(refusal?.fields['upload-limit']).toBe(limit)
  })
})

it.each([3, 5] as const)(
  'takes an append of version %i that says nothing for the last one',
  async interopVersion => {
    const scene = await uploadScene({interopVersion})
    await scene.interrupt()
    await scene.ask('HEAD')
    const {'upload-complete': _unsaid, ...fields} = scene.append(5)
    expect(await scene.ask('PATCH', fields, '56789')).toMatchObject({status: 201})
    expect(scene.resource.isComplete).toBe(true)
  }
)

it('waits for a body that waits for it, with 100 after the 104', async () => {
  const scene = await uploadScene()
  const client = await scene.client()
  client.send('PUT /file', scene.creation({expect: '100-continue', 'content-length': '5'}))
  expect((await client.next())?.status).toBe(104)
  expect((await client.next())?.status).toBe(100)
  client.write('hello')
  expect((await client.next())?.status).toBe(201)
})

it('does not name the upload, nor invite anybody, where it is told so', async () => {
  const scene = await uploadScene({interim: 'withheld', continue: 'withheld'})
  const client = await scene.client()
  client.send('PUT /file', scene.creation({expect: '100-continue', 'content-length': '5'}))
  client.write('hello')
  expect((await client.next())?.status).toBe(201)
})

it.each([
  ['relative', /^\/uploads\//, /^\/uploads\//],
  ['absolute', /^http:\/\/127\.0\.0\.1:\d+\/uploads\//, /^http:\/\/127\.0\.0\.1:\d+\/uploads\//],
  ['changing', /^http:.*[0-9a-f]$/, /^http:.*-moved$/]
] as const)('says a Location that is %s', async (location, first, again) => {
  const scene = await uploadScene({location})
  const client = await scene.client()
  client.send('PUT /file', scene.creation({'upload-complete': '?0'}), '')
  expect((await client.next())?.fields['location']).toMatch(first)
  expect((await client.final())?.fields['location']).toMatch(again)
})

it('keeps an upload at another origin', async () => {
  const scene = await uploadScene({location: 'otherOrigin'})
  await scene.interrupt()
  const {port} = scene.server.elsewhere
  expect(scene.server.locationOf(scene.resource, 'first')).toContain(`:${port}/uploads/`)
})

it('takes a small representation for an ordinary one where it does not pay to resume it', async () => {
  const scene = await uploadScene({limits: {minSize: 6}})
  const client = await scene.client()
  client.send('PUT /file', scene.creation(), 'hello')
  expect((await client.next())?.status).toBe(201)
  expect(scene.server.plain).toHaveLength(1)
})

it('forgets an upload whose time is over', async () => {
  const scene = await uploadScene({limits: {maxAge: 0}})
  await scene.interrupt()
  expect(await scene.ask('HEAD')).toMatchObject({status: 404})
})
