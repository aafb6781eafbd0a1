import {expect, vi} from 'vitest'
import type {UploadTask} from '../../../src/engine/index.ts'
import {patience} from '../../scratch/patience.ts'

/** Resolves when a pause would leave resume data. */
export async function untilResumable(task: UploadTask): Promise<void> {
  await vi.waitFor(() => expect(task.isResumable).toBe(true), patience)
}
