import {existsSync} from 'node:fs'
import {expect, it} from 'vitest'
import {cancelUpload} from '../../../src/engine/index.ts'
import {cancelWithin} from '../../../src/engine/upload/cancel-within.ts'
import {FakeProtocol} from './fake-protocol.ts'
import {openStage} from './resumable-stage.ts'
import {untilResumable} from './until-resumable.ts'
import type {ResumableStage} from './resumable-stage.ts'

/** Leaves a paused upload that the server knows. */
async function paused(server: Parameters<typeof openStage>[0] = {}): Promise<ResumableStage> {
  const faults = {create: [{after: 70_000, connection: 'stall' as const}]}
  const stage = await openStage({...server, server: {faults, ...server.server}})
  const task = stage.start()
  await untilResumable(task)
  expect(await task.cancelByProducingResumeData()).toBe(stage.resumeData)
  return stage
}

it('tells the server to forget a paused upload, and removes its resume data', async () => {
  const stage = await paused()
  await cancelUpload(stage.recorded.session, stage.resumeData)
  expect(stage.only('cancel')).toMatchObject({status: 204})
  expect(stage.resource.isActive).toBe(false)
  expect(existsSync(stage.resumeData)).toBe(false)
})

it('removes the resume data of an upload whose server cannot forget it, or is no more', async () => {
  const unable = await paused({server: {cancellation: 'unsupported'}})
  await cancelUpload(unable.recorded.session, unable.resumeData)
  const gone = await paused()
  await gone.server.origin.close()
  await cancelUpload(gone.recorded.session, gone.resumeData)
  expect([unable, gone].filter(({resumeData}) => existsSync(resumeData))).toEqual([])
})

it('does not wait for ever for a protocol that does', async () => {
  const stage = await paused()
  const protocol = Object.assign(new FakeProtocol([]), {cancel: () => new Promise<void>(() => {})})
  const task = stage.start({resuming: 'never'})
  await expect(cancelWithin(20, {protocol, walk: {task, parts: []}})).resolves.toBeUndefined()
})

it('shows the server of a paused upload who asks, as the session knows it', async () => {
  const stage = await paused({configuration: {headers: {'X-Team': 'red'}}})
  await cancelUpload(stage.recorded.session, stage.resumeData)
  expect(stage.only('cancel').request.header('x-team')).toBe('red')
})
