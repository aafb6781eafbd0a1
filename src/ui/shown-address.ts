import type {Task} from '../engine/index.ts'
import {maskUrl} from './mask.ts'
import {isUploadTask} from './task-kind.ts'

/**
 * The address of something that a task has asked for, secrets masked. A server that lets an upload be continued gives it
 * an address of its own, which is a secret as a whole: whoever has it may write there.
 */
export function shownAddress(task: Task, address: string): string {
  const masked = maskUrl(address)
  return isUploadTask(task) ? task.withoutSecrets(masked) : masked
}
