import {stat} from 'node:fs/promises'
import {basename} from 'node:path'
import {usageError} from '../../cli/usage-error.ts'
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
  const listed = await lookUp(operand)
  if (listed === undefined) return operand
  if (listed.pid !== null) {
    throw new TransferError('BUSY', `Task ${listed.id} is running in process ${listed.pid}`, {
      hint: `Pause it with: ferry pause ${listed.id}`
    })
  }
  if (listed.resumeData !== null) return listed.resumeData
  throw new TransferError(
    'NOT_RESUMABLE',
    `Task ${listed.id} (${basename(listed.path ?? listed.url)}) left nothing to resume: ${
      listed.state === 'suspended' ? 'it was started already' : `it is ${listed.state}`
    }`
  )
}

/** Is it spelt as no id of a task is? */
export function isPath(operand: string): boolean {
  return /[/\\]|\.ferry$/.test(operand)
}

// A file whose name looks like an id is found too, but only where no task has it.
async function lookUp(operand: string) {
  const indexed = await openControlDesk().index.find(operand)
  if (indexed) return indexed.listed
  const isFile = await stat(operand).then(
    facts => facts.isFile(),
    () => false
  )
  if (isFile) return undefined
  throw new TransferError('TASK_UNKNOWN', `There is no task ${JSON.stringify(operand)}, and no such file`)
}
