import {stat} from 'node:fs/promises'
import {basename} from 'node:path'
import {usageError} from '../../cli/usage-error.ts'
import type {ListedTask} from '../../control/task-record.ts'
import {TransferError} from '../../engine/index.ts'
import {openControlDesk} from './control-desk.ts'

/** The path of the resume data that a word of resume means: a file, or the id of a task or its beginning. */
export async function findResumeData(operand: string): Promise<string> {
  // Not repeated: it may be signed, or name a password.
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(operand)) {
    throw usageError(
      'resume takes tasks and FILE.ferry files, no address',
      'ferry tasks lists what there is.'
    )
  }
  if (isPath(operand)) return operand
  const found = await lookUp(operand)
  if (found === undefined) return operand
  const {listed} = found
  if (listed.pid !== null) throw busy(listed, `Task ${listed.id}`)
  if (listed.resumeData !== null) return listed.resumeData
  const {successor} = found
  if (successor === undefined) throw nothingLeft(listed)
  const story = `Task ${listed.id} went on as ${successor.id}`
  if (successor.pid !== null) throw busy(successor, `${story}, which`)
  throw new TransferError('NOT_RESUMABLE', story, {hint: `Continue that one: ferry resume ${successor.id}`})
}

function busy({id, pid}: ListedTask, who: string): TransferError {
  return new TransferError('BUSY', `${who} is running in process ${pid}`, {
    hint: `Pause it with: ferry pause ${id}`
  })
}

/** The error for a task that has ended, and that nothing is left of to go on from. */
export function nothingLeft({id, path, url, state}: ListedTask): TransferError {
  return new TransferError(
    'NOT_RESUMABLE',
    `Task ${id} (${basename(path ?? url)}) left nothing to resume: ${reasons[state] ?? `it is ${state}`}`,
    {
      hint:
        state === 'paused' || state === 'suspended' ? goneOn : 'To begin again, give the command of before.'
    }
  )
}

const goneOn = 'If it was resumed before, ferry tasks --all lists what it went on as.'
const reasons: Readonly<Record<string, string>> = {
  suspended: 'it was started already',
  paused: 'what it had kept was used or removed',
  failed: 'it had kept nothing, or that was used or removed'
}

/** Is it spelt as no id of a task is? */
export function isPath(operand: string): boolean {
  return /[/\\]|\.ferry$/.test(operand)
}

// A file whose name looks like an id is found too, but only where no task has it.
async function lookUp(operand: string) {
  const indexed = await openControlDesk().index.find(operand)
  if (indexed) return indexed
  const isFile = await stat(operand).then(
    facts => facts.isFile(),
    () => false
  )
  if (isFile) return undefined
  throw new TransferError('TASK_UNKNOWN', `There is no task ${JSON.stringify(operand)}, and no such file`)
}
