import {existsSync} from 'node:fs'
import {expect, it, vi} from 'vitest'
import {cancelUpload} from '../../../src/engine/index.ts'
import {patienceWithServer} from '../../../src/engine/upload/patience-with-server.ts'
import {respond} from '../../origin/handlers.ts'
import {openTusScene} from '../../tus/tus-scene.ts'
import {openStage} from './resumable-stage.ts'
import {untilResumable} from './until-resumable.ts'

vi.mock('../../../src/engine/upload/patience-with-server.ts', () => ({patienceWithServer: 100}))

it('whoever gives an upload up waits some time, and no longer, for a server that says nothing', async () => {
  const stage = await openStage({server: {faults: {create: [{after: 70_000, connection: 'stall'}]}}})
  const task = stage.start()
  await untilResumable(task)
  await task.cancelByProducingResumeData()
  stage.server.origin.welcome = 'stall'
  const begun = performance.now()
  await cancelUpload(stage.recorded.session, stage.resumeData)
  expect(performance.now() - begun).toBeGreaterThan(patienceWithServer / 2)
  expect(existsSync(stage.resumeData)).toBe(false)
})

it('and so does an upload that a server of tus has lied about', async () => {
  const scene = await openTusScene({timeouts: {idle: 600}})
  scene.tus.instead('PATCH', respond(500))
  scene.tus.instead('HEAD', respond(200, {'tus-resumable': '1.0.0', 'upload-offset': '1001'}))
  scene.tus.instead('DELETE', (_request, reply) => void reply.takeOver())
  expect(await scene.stage.upload()).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
  expect(scene.tus.story.at(-1)).toBe('DELETE /kept/1')
})
