import {expect} from 'vitest'
import {speak} from './chosen-protocol.ts'
import {hangs, has, named} from './fake-protocol.ts'
import {untilResumable} from './until-resumable.ts'
import type {UploadScene, WalkStage} from './walk-stage.ts'

/** Leaves a paused upload of which the server has 400 bytes. */
export async function interrupt(stage: WalkStage, scene: UploadScene = {}): Promise<void> {
  speak(named('/r', has(400, hangs)))
  const task = stage.start(scene)
  await untilResumable(task)
  expect(await task.cancelByProducingResumeData()).toBe(stage.recordPath)
}
