import {forbiddenUpload} from '../../cli/advice.ts'
import type {TaskRecord} from '../../control/task-record.ts'
import {TransferError, transferErrorCodes} from '../../engine/index.ts'
import type {TransferErrorCode} from '../../engine/index.ts'
import {Speaker} from './speaker.ts'
import {listedName} from './task-table.ts'

/**
 * Says of tasks of other processes why they have not done what they were for: failures as the command would have that ran
 * them, those of one kind together. A success needs no word.
 */
export function tellEnds(records: readonly TaskRecord[], speech: 'all' | 'errors' | 'nothing'): void {
  const write = (line: string): void => void process.stderr.write(`${line}\n`)
  const speaker = new Speaker({speech, write, resumeHint: () => undefined})
  speaker.fail(records.flatMap(record => (record.error && record.state === 'failed' ? [failed(record)] : [])))
  for (const record of records) {
    const {id, state, resumeData} = record
    if (state !== 'paused' && state !== 'cancelled') continue
    const next = resumeData === null ? '' : `: continue with ferry resume ${id}`
    speaker.note(`${state} ${listedName(record)}${next}`)
  }
}

// Without more ado it would find the same file again.
function wayOn(code: TransferErrorCode, id: string): string {
  const command = `ferry resume ${id}`
  if (code !== 'DESTINATION_EXISTS') return `Continue it with: ${command}`
  return `Move that file away, and continue with: ${command}`
}

function failed(record: TaskRecord): {readonly error: TransferError} {
  const {id, kind, error, finalUrl, status, resumeData} = record
  const code = transferErrorCodes.find(known => known === error?.code) ?? 'READ_FAILED'
  const answered = code === 'HTTP_STATUS' ? status : null
  const facts = {
    ...(answered !== null && {status: answered}),
    ...(kind === 'upload' && answered === 403 && {hint: forbiddenUpload}),
    ...(resumeData !== null && {hint: wayOn(code, id)})
  }
  const message = error?.message ?? ''
  // How an upload asked is not in its record.
  if (kind === 'upload')
    return {error: new TransferError(code, `${listedName(record)} to ${finalUrl}: ${message}`, facts)}
  return {error: new TransferError(code, message, {...facts, url: finalUrl, method: 'GET'})}
}
