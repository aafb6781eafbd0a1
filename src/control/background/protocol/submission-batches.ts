import {TransferError} from '../../../engine/index.ts'
import {largestSubmission} from '../largest-submission.ts'
import type {Submission, SubmittedTask} from '../submission.ts'

const mostTasks = 1000
// A request is read and written down in one piece; meanwhile the daemon does nothing else.
const usualSize = 4 * 1024 * 1024

/** The submission in pieces that one request can hold. Throws USAGE for a task that none can. */
export function* batchesOf(submission: Submission): Generator<Submission, void, undefined> {
  const base = sizeOf({...submission, tasks: []})
  let tasks: SubmittedTask[] = []
  let size = base
  for (const task of submission.tasks) {
    const own = sizeOf(task) + 1
    if (base + own > largestSubmission) throw tooLarge(task)
    if (tasks.length > 0 && (tasks.length === mostTasks || size + own > Math.max(usualSize, base + own))) {
      yield {...submission, tasks}
      tasks = []
      size = base
    }
    tasks.push(task)
    size += own
  }
  if (tasks.length > 0) yield {...submission, tasks}
}

function sizeOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value))
}

function tooLarge({id}: SubmittedTask): TransferError {
  return new TransferError(
    'USAGE',
    `The task ${id} has more than ${largestSubmission} bytes of headers and configuration`
  )
}
