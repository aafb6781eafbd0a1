import {describe, expect, it} from 'vitest'
import type {Handler} from '../../origin/connection.ts'
import {openStage} from './resumable-stage.ts'
import type {ResumableStage} from './resumable-stage.ts'

const spoken = {'upload-draft-interop-version': '8'}
const size = 200_000
const cut = {after: 70_000, connection: 'reset'} as const

/** Begins an upload, lets a handler say something about it while the content comes, and then takes the whole. */
function telling(
  stage: ResumableStage,
  ...interim: readonly (readonly [number, Record<string, string>])[]
): Handler {
  return async (request, reply) => {
    const upload = stage.server.openResource(request)
    await reply.informational(104, {...spoken, location: stage.server.url(upload.path)})
    await request.untilReceived(70_000)
    for (const [status, fields] of interim) await reply.informational(status, {...spoken, ...fields})
    await request.untilReceived(size)
    await reply.respond(201, {'upload-complete': '?1'})
  }
}

describe('a server that says it has more than it was sent', () => {
  it('has nothing, when it calls an upload complete that has only begun [promise 1]', async () => {
    const fields = {...spoken, 'upload-complete': '?1', location: '/uploads/x'}
    const stage = await openStage({uploads: {mode: 'careful'}})
    stage.server.origin.on('/U', (_request, reply) => reply.respond(201, fields))
    expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
  })

  it.each([
    ['calls a part of an upload the whole', {'upload-complete': '?1'}],
    ['says of a part that it has more', {'upload-offset': '160001', 'upload-complete': '?0'}]
  ])('has nothing, when it %s [promise 1]', async (_, fields) => {
    const stage = await openStage({
      server: {limits: {maxAppendSize: 80_000}, faults: {append: [{status: 200, fields}]}}
    })
    const hint = expect.stringContaining('--resumable none')
    expect(await stage.send()).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE', hint}})
    expect(stage.story).toEqual(['create 413', 'create 201', 'append 200', 'cancel 204'])
    stage.server.takeViolations()
  })

  it.each([
    ['the whole', 2_000_000],
    ['some of it', 1_900_000]
  ])('is not believed when it is asked after a cut, and claims %s [promise 2]', async (_, claimedOffset) => {
    const stage = await openStage({
      server: {faults: {create: [cut], state: [{claimedOffset}]}},
      configuration: {limits: {rate: 2_000_000}},
      size: 2_000_000
    })
    const outcome = await stage.send()
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
    expect(outcome.error?.message).toContain(`it has ${claimedOffset} bytes`)
    expect(stage.story).toEqual(['create', 'state 204', 'cancel 204'])
  })
})

describe('interim answers about an upload', () => {
  it.each([
    ['less than nothing', {'upload-offset': '-1'}],
    ['more than there are numbers', {'upload-offset': String(2n ** 60n)}],
    ['no number', {'upload-offset': '70000, 5'}],
    ['limits that are none', {'upload-limit': 'max-size=-5, max-append-size="7", max-age=x'}]
  ])('mean nothing where they say %s', async (_, fields) => {
    const stage = await openStage()
    stage.server.origin.on('/U', telling(stage, [104, fields]), 'head')
    expect(await stage.send()).toMatchObject({state: 'completed'})
    expect(stage.story).toEqual([])
  })

  it.each([
    ['more than the file has', [String(size + 1)]],
    ['less than before', ['60000', '50000']]
  ])('end it for good where they say %s', async (_, offsets) => {
    const stage = await openStage()
    const interim = offsets.map(offset => [104, {'upload-offset': offset}] as const)
    stage.server.origin.on('/U', telling(stage, ...interim), 'head')
    const outcome = await stage.send()
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
    expect(outcome.resumeData).toBeUndefined()
    expect(stage.story).toEqual(['cancel 204'])
  })

  it('may be thousands', async () => {
    const stage = await openStage()
    const interim = Array.from({length: 3000}, (_, i) => [104, {'upload-offset': String(i)}] as const)
    stage.server.origin.on('/U', telling(stage, ...interim), 'head')
    expect(await stage.send()).toMatchObject({state: 'completed'})
  })
})
