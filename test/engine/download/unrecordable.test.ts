import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {manyHeaders, queryFor, tooLong} from '../too-long.ts'
import {digestOf, first, openStage} from './stage.ts'
import type {DownloadScene} from './stage.ts'

const held = 400
const cases: readonly (readonly [string, DownloadScene])[] = [
  ...Object.entries(tooLong),
  ['name that is a path elsewhere', {fileName: 'a\\b'}],
  ['name with a line break', {fileName: 'a\nb'}]
]

describe('a download with something that resume data cannot hold', () => {
  it.each(cases)('cannot be paused, and goes on (%s)', async (_what, scene) => {
    const stage = await openStage()
    const task = await stage.reach(first, held, scene)
    expect(task.isResumable).toBe(false)
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
    expect(task.state).toBe('running')
    expect(stage.files.filter(name => name.endsWith('.ferry'))).toEqual([])
  })

  it.each(cases)('leaves nothing where it fails (%s)', async (_what, scene) => {
    const stage = await openStage()
    stage.origin.serve('/F', {...first, faults: [{cutAfter: held}]})
    const outcome = await stage.download(scene)
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'TRANSFER_TRUNCATED'}})
    expect(outcome.resumeData).toBeUndefined()
    expect(stage.files).toEqual([])
  })

  it.each(cases)('cannot wait on disk (%s)', async (_what, {headers = [], query = '', ...options}) => {
    const stage = await openStage()
    const request = urlRequest(stage.origin.url(`/F${query}`), {headers})
    const task = stage.session.downloadTask(request, {directory: stage.folder, fileName: 'F', ...options})
    await expect(task.suspendToResumeData()).rejects.toMatchObject({
      code: 'NOT_RESUMABLE',
      hint: expect.stringContaining('no address or header more than')
    })
    expect(stage.files).toEqual([])
  })

  it('cannot be paused either where it is the server that said it', async () => {
    const stage = await openStage()
    const task = await stage.reach({...first, entityTag: `"${'v'.repeat(8192)}"`}, held)
    expect(task.isResumable).toBe(false)
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
  })

  it('leaves nothing, though it has continued what could be continued', async () => {
    const stage = await openStage()
    await stage.interrupt(first, held)
    stage.origin.change('/F', {...first, faults: [{cutAfter: 100}]})
    const url = new URL(stage.origin.url(`/F${tooLong.address.query}`))
    const outcome = await stage.resume({url})
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'TRANSFER_TRUNCATED'}})
    expect(outcome.resumeData).toBeUndefined()
    expect(stage.ranges).toEqual([`bytes=${held}-`])
    expect(stage.files).toEqual([])
  })
})

it.each<[string, (address: string) => DownloadScene]>([
  ['address', address => ({query: queryFor(address, 8192)})],
  ['headers', () => ({headers: manyHeaders(100)})]
])('a download with the most that resume data holds is continued (%s)', async (_what, sceneAt) => {
  const stage = await openStage()
  const task = await stage.reach(first, held, sceneAt(stage.origin.url('/F')))
  expect(await task.cancelByProducingResumeData()).toBe(stage.resumeData)
  stage.origin.change('/F', first)
  expect(await stage.resume()).toMatchObject({state: 'completed'})
  expect(stage.ranges).toEqual([undefined, `bytes=${held}-`])
  expect(stage.content).toBe(digestOf(first.body))
})
