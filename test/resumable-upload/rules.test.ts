import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {startDraftServer} from './draft-server.ts'
import {uploadScene} from './upload-scene.ts'
import type {RawUploadClient} from './raw-upload-client.ts'
import type {UploadScene} from './upload-scene.ts'

describe('a client that breaks a rule is told of when the server closes', () => {
  it.each<[string, (scene: UploadScene) => Promise<unknown>, RegExp]>([
    ['guesses the offset', scene => scene.ask('PATCH', scene.append(5), '56789'), /no offset was told/],
    [
      'begins elsewhere',
      async scene => {
        await scene.ask('HEAD')
        return scene.ask('PATCH', scene.append(4), '456789')
      },
      /begins at 4, but 5 was told/
    ],
    [
      'uses an offset twice',
      async scene => {
        await scene.ask('HEAD')
        await scene.ask('PATCH', scene.append(5, {'upload-complete': '?0'}), '56')
        return scene.ask('PATCH', scene.append(5), '56789')
      },
      /begins at 5, but 7 was told/
    ],
    [
      'calls content something else',
      scene => scene.ask('PATCH', scene.append(5, {'content-type': 'text/plain'}), '56789'),
      /Content-Type: text\/plain/
    ],
    [
      'does not say whether it is the last',
      scene => scene.ask('PATCH', scene.append(5, {'upload-complete': 'x'}), '56789'),
      /no Upload-Complete/
    ],
    [
      'says no version',
      scene => scene.ask('HEAD', {'upload-draft-interop-version': ''}),
      /HEAD without this/
    ],
    [
      'says no offset',
      scene => scene.ask('PATCH', scene.append(5, {'upload-offset': '-5'})),
      /no Upload-Offset/
    ],
    [
      'changes the length',
      async scene => {
        await scene.ask('HEAD')
        return scene.ask('PATCH', scene.append(5), '567890')
      },
      /the length of .* has changed/
    ],
    [
      'sends more than the length, in chunks',
      async scene => {
        await scene.ask('HEAD')
        const fields = scene.append(5, {'transfer-encoding': 'chunked', 'upload-complete': '?0'})
        return scene.ask('PATCH', fields, '6\r\n567890\r\n0\r\n\r\n')
      },
      /content beyond the length/
    ]
  ])('%s', async (_what, act, violation) => {
    const scene = await uploadScene()
    await scene.interrupt()
    await act(scene)
    expect(scene.server.takeViolations()).toEqual([expect.stringMatching(violation)])
    expect('0123456789').toContain(scene.resource.content.toString())
  })

  it('asks again after the last answer', async () => {
    const scene = await uploadScene()
    const client = await scene.client()
    client.send('PUT /file', scene.creation(), 'hello')
    await client.final()
    await scene.ask('HEAD')
    await scene.ask('PATCH', scene.append(5))
    await scene.ask('DELETE')
    expect(scene.server.takeViolations()).toEqual([
      expect.stringMatching(/^HEAD after/),
      expect.stringMatching(/^an append after/),
      expect.stringMatching(/^DELETE after/)
    ])
  })

  it('begins at an offset', async () => {
    const scene = await uploadScene()
    const client = await scene.client()
    client.send('PUT /file', scene.creation({'upload-offset': '0'}), 'hello')
    expect((await client.final())?.status).toBe(201)
    expect(scene.server.takeViolations()).toEqual(['a creation says Upload-Offset'])
  })

  it('takes the offset of before the interruption for that of after', async () => {
    const scene = await uploadScene({faults: {append: [{after: 0, connection: 'reset'}]}})
    await scene.interrupt()
    await scene.ask('HEAD')
    expect(await scene.ask('PATCH', scene.append(5), '56789')).toBeUndefined()
    await scene.ask('PATCH', scene.append(5), '56789')
    expect(scene.server.takeViolations()).toEqual([expect.stringMatching(/no offset was told/)])
  })

  it.each(['HEAD', 'DELETE'])('says with %s what only content has, in the early versions', async method => {
    const scene = await uploadScene({interopVersion: 5})
    await scene.interrupt()
    expect((await scene.ask(method, {'upload-offset': '5'}))?.status).toBe(400)
    expect(scene.server.takeViolations()).toEqual([expect.stringContaining(`${method} says Upload-Offset`)])
  })

  it('begins with lengths that differ', async () => {
    const scene = await uploadScene()
    const client = await scene.client()
    client.send('PUT /file', scene.creation({'upload-length': '6'}), 'hello')
    const refusal = await client.final()
    expect(refusal).toMatchObject({status: 400, fields: {'upload-complete': '?0'}})
    expect(refusal?.body).toContain('#inconsistent-upload-length')
    expect(scene.server.takeViolations()).toEqual(['the lengths of a creation differ'])
  })

  it('goes beyond a limit that it knows, but not beyond one that nobody told', async () => {
    const scene = await uploadScene({limits: {maxAppendSize: 4}})
    const client = await scene.client()
    client.send('PUT /file', scene.creation(), 'hello')
    expect(await client.final()).toMatchObject({status: 413, fields: {'upload-limit': 'max-append-size=4'}})
    expect(scene.server.takeViolations()).toEqual([])
    client.send('OPTIONS /file')
    await client.final('OPTIONS')
    client.send('PUT /file', scene.creation(), 'hello')
    expect((await client.final())?.status).toBe(413)
    expect(scene.server.takeViolations()).toEqual(['a creation is against limits that were told'])
  })
})

it('rejects its closing with what nobody has taken', async () => {
  const server = await startDraftServer()
  server.violate('a rule')
  await expect(server.close()).rejects.toThrow('A client has broken rules: Error: a rule')
})

describe('while content is under way', () => {
  async function underway(): Promise<{scene: UploadScene; client: RawUploadClient}> {
    const scene = await uploadScene()
    const client = await scene.client()
    client.send('PUT /file', scene.creation({'content-length': '10'}), '01234')
    await scene.server.origin.untilRequests(1)
    await scene.server.origin.requests[0]?.untilReceived(5)
    return {scene, client}
  }

  it.each([
    ['HEAD', /^state while content/],
    ['PATCH', /^append while content/]
  ] as const)('%s ends it, and is held against the client', async (method, violation) => {
    const {scene, client} = await underway()
    const fields = method === 'PATCH' ? scene.append(5) : {}
    const answer = await scene.ask(method, fields, method === 'PATCH' ? '56789' : '')
    expect(answer?.status).toBe(method === 'PATCH' ? 201 : 204)
    client.write('xxxxx')
    expect(await client.final()).toBeUndefined()
    expect('0123456789').toContain(scene.resource.content.toString())
    expect(scene.server.takeViolations()[0]).toMatch(violation)
    expect(scene.server.log[0]).toMatchObject({isTerminated: true, status: undefined})
  })

  it('DELETE ends it, and nobody is blamed', async () => {
    const {scene} = await underway()
    expect((await scene.ask('DELETE'))?.status).toBe(204)
    expect(scene.resource.isActive).toBe(false)
  })

  it('a client that has gone before it asks is not blamed, even where nobody reads', async () => {
    const scene = await uploadScene({faults: {create: [{after: 5, connection: 'stall'}]}})
    const client = await scene.client()
    client.send('PUT /file', scene.creation({'content-length': '10'}), '01234')
    await scene.server.origin.untilRequests(1)
    await expect.poll(() => scene.resource.offset).toBe(5)
    client.write('567')
    await sleep(20)
    client.drop()
    expect((await scene.ask('HEAD'))?.fields['upload-offset']).toBe('5')
  })
})
