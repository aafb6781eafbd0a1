import {expect, vi} from 'vitest'
import type {UploadTask} from '../../../src/engine/index.ts'

/** Resolves when a pause would leave resume data. */
export async function untilResumable(task: UploadTask): Promise<void> {
  await vi.waitFor(() => expect(task.isResumable).toBe(true), {interval: 2, timeout: 5000})
}
