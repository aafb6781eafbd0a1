import type {Task} from '../engine/index.ts'
import {isUploadTask} from './task-kind.ts'

/** How far a task is, in bytes. */
export interface Moved {
  /** Of the whole, those of earlier tasks included. */
  readonly bytes: number
  /** The whole; undefined where nobody can say. */
  readonly expected: number | undefined
}

/** What a task is about: an upload sends its body, everything else receives content. */
export function movedBy(task: Task): Moved {
  if (!isUploadTask(task)) {
    return {bytes: task.countOfBytesReceived, expected: task.countOfBytesExpectedToReceive}
  }
  const {countOfBytesSent, countOfBytesExpectedToSend: expected = task.continues?.source.size} = task
  return {bytes: isHearsay(task) ? (task.sentBefore ?? 0) : countOfBytesSent, expected}
}

/** Until the server has said what it has of an upload, an earlier task knows best. */
export function isHearsay(task: Task): boolean {
  return isUploadTask(task) && (task.sentBefore ?? 0) > 0 && task.resumedFrom === undefined
}

/** 0 to 1; undefined where the whole is not known. */
export function ratioOf({bytes, expected}: Moved): number | undefined {
  if (expected === undefined) return undefined
  return expected === 0 ? 1 : Math.min(1, bytes / expected)
}

/** Has an upload sent everything, so that only the answer is missing? Servers may work on it for long. */
export function awaitsAnswer(task: Task): boolean {
  if (!isUploadTask(task) || task.state !== 'running' || task.countOfBytesReceived > 0) return false
  const {bytes, expected} = movedBy(task)
  return bytes > 0 && (expected === undefined ? task.hasSentBody : bytes >= expected)
}
