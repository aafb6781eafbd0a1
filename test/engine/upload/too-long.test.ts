import {join} from 'node:path'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import {patience} from '../../scratch/patience.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {manyHeaders, queryFor, tooLong} from '../too-long.ts'
import {speak} from './chosen-protocol.ts'
import {complete, fails, hangs, has, named} from './fake-protocol.ts'
import type {Turn} from './fake-protocol.ts'
import {untilResumable} from './until-resumable.ts'
import {openWalkStage} from './walk-stage.ts'
import type {UploadScene, WalkStage} from './walk-stage.ts'

vi.mock(
  '../../../src/engine/upload/protocols.ts',
  async () => (await import('./chosen-protocol.ts')).protocols
)

let stage: WalkStage

beforeEach(async () => {
  stage = await openWalkStage()
})

/** The server names more resources, or longer addresses, than can be written down. */
const namesTooMuch: Turn = async walk => {
  const url = new URL(`/${'r'.repeat(8000)}`, walk.task.originalRequest.url).href
  await walk.remember(Array.from({length: 50}, (_, index) => ({url, first: 20 * index, length: 20})))
  return has(400, hangs)(walk)
}

describe('an upload with something too long for resume data', () => {
  const cases: readonly (readonly [string, UploadScene, Turn])[] = [
    ...Object.entries(tooLong).map(([what, scene]) => [what, scene, named('/r', has(400, hangs))] as const),
    ['what the server names', {}, namesTooMuch]
  ]

  it.each(cases)('cannot be paused, and goes on (%s)', async (_what, scene, turn) => {
    speak(turn)
    const task = stage.start(scene)
    await vi.waitFor(() => expect(task.countOfBytesSent).toBe(400), patience)
    expect(task.isResumable).toBe(false)
    expect(await task.cancelByProducingResumeData()).toBeUndefined()
    expect(task.state).toBe('running')
    expect(stage.files).toEqual([])
  })

  it.each(Object.entries(tooLong))(
    'leaves nothing where it fails, here or there (%s)',
    async (_what, scene) => {
      const protocol = speak(named('/r', has(400, fails('RECEIVE_FAILED'))))
      const outcome = await stage.upload(scene)
      expect(outcome).toMatchObject({state: 'failed', error: {code: 'RECEIVE_FAILED'}})
      expect(outcome.resumeData).toBeUndefined()
      expect(protocol.calls.at(-1)).toBe('cancel /r')
      expect(stage.files).toEqual([])
    }
  )

  it('leaves nothing in a file either that was named for it', async () => {
    speak(named('/r', has(400, hangs)))
    const resumeDataPath = join(scratchFolder(), 'F.ferry')
    const task = stage.start({...tooLong.address, resumeDataPath})
    await vi.waitFor(() => expect(task.countOfBytesSent).toBe(400), patience)
    expect(task.isResumable).toBe(false)
    expect(stage.updates).toEqual([])
  })

  it.each(Object.entries(tooLong))('cannot wait on disk (%s)', async (_what, scene) => {
    const {headers = [], query = '', ...options}: UploadScene = scene
    const request = urlRequest(stage.origin.url(`/U${query}`), {method: 'PUT', headers})
    const task = stage.session().uploadTask(request, {
      source: {kind: 'file', path: stage.file},
      resumeDataFolder: stage.records,
      ...options
    })
    await expect(task.suspendToResumeData()).rejects.toMatchObject({code: 'NOT_RESUMABLE'})
    expect(stage.files).toEqual([])
  })
})

it.each<[string, (address: string) => UploadScene]>([
  ['address', address => ({query: queryFor(address, 8192)})],
  ['headers', () => ({headers: manyHeaders(100)})],
  ['method', () => ({method: 'M'.repeat(100)})]
])('an upload with the most that resume data holds is continued (%s)', async (_what, sceneAt) => {
  speak(named('/r', has(400, hangs)), complete)
  const task = stage.start(sceneAt(stage.origin.url('/U')))
  await untilResumable(task)
  expect(await task.cancelByProducingResumeData()).toBe(stage.recordPath)
  expect(await stage.resume()).toMatchObject({state: 'completed'})
})
