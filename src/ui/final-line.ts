import type {Task, TaskOutcome, URLResponse} from '../engine/index.ts'
import {printable} from './printable.ts'
import {movedBy} from './moved.ts'
import {isDownloadTask, isUploadTask} from './task-kind.ts'
import type {Transfer} from './transfer-board.ts'
import {transferName} from './transfer-name.ts'
import {percentText} from './progress-line.ts'
import {displayWidth, truncateMiddle} from './fit.ts'
import {formatBytes, pace} from './units.ts'
import type {Paint} from './paint.ts'

/** The command that continues a paused task, if there is one. */
export type ResumeHint = (task: Task, outcome: TaskOutcome) => string | undefined

export interface FinalStyle {
  readonly paint: Paint
  readonly resumeHint: ResumeHint
  /** Columns to fit the name into; absent = whole names. */
  readonly width?: number | undefined
}

/** What a task that has ended did, in one line. */
export function finalLine(transfer: Transfer, outcome: TaskOutcome, style: FinalStyle): string {
  const {before, after} = finalWords(transfer, outcome, style)
  const name = transferName(transfer.task)
  const room = (style.width ?? Infinity) - displayWidth(before) - displayWidth(after) - 1
  // A name that would leave nothing readable is given whole: the line may wrap, it is not drawn again.
  const shown = room >= 8 ? truncateMiddle(name, room) : name
  return `${style.paint(tones[outcome.state], before)} ${shown}${after}`
}

/** Does a task among many deserve a line of its own? */
export function isException(outcome: TaskOutcome): boolean {
  return outcome.state === 'failed' || outcome.state === 'paused'
}

const tones = {completed: 'good', failed: 'bad', paused: 'warning', cancelled: 'warning'} as const

interface FinalWords {
  readonly before: string
  readonly after: string
}

function finalWords(transfer: Transfer, outcome: TaskOutcome, {resumeHint}: FinalStyle): FinalWords {
  switch (outcome.state) {
    case 'completed':
      return successWords(transfer, outcome)
    case 'failed':
      return {before: 'failed', after: `: ${printable(outcome.error?.message ?? 'for an unknown reason')}`}
    case 'cancelled':
      return {before: 'cancelled', after: lossText(transfer)}
    case 'paused': {
      const percentage = percentText(transfer)
      const hint = resumeHint(transfer.task, outcome)
      const place = percentage === undefined ? '' : ` at ${percentage}`
      return {
        before: 'paused',
        after: `${place}${hint === undefined ? '' : `: continue with \`${printable(hint)}\``}`
      }
    }
  }
}

function successWords(transfer: Transfer, outcome: TaskOutcome): FinalWords {
  const {task} = transfer
  const place = isUploadTask(task) ? ` to ${printable(task.originalRequest.url.host)}` : ''
  switch (outcome.note) {
    case 'alreadyComplete':
      return {before: 'already complete', after: ''}
    case 'skipped':
      return {before: 'skipped', after: ': it exists already'}
    case 'notModified':
      return {before: 'not modified', after: ''}
    default:
      return {before: verbs[task.kind], after: `${place} (${cost(transfer)}${doubt(transfer, outcome)})`}
  }
}

// Of an upload it is only the answer whose end nobody can tell. An answer may be wanted whatever its status (--no-fail).
function doubt({task}: Transfer, {note, response}: TaskOutcome): string {
  if (isUploadTask(task)) return response && response.status >= 400 ? `; ${refusal(response)}` : ''
  return note === 'unannouncedLength' ? '; the server did not announce the length' : ''
}

function refusal({status, statusText}: URLResponse): string {
  return `the server answered ${printable(`${status} ${statusText}`.trimEnd())}`
}

// What a task without resume data had moved is gone; that is worth a word where there was something.
function lossText({task}: Transfer): string {
  const {bytes, expected} = movedBy(task)
  if (task.kind === 'data' || bytes === 0) return ''
  const isAllSent = isUploadTask(task) && (expected === undefined ? task.hasSentBody : bytes >= expected)
  if (isAllSent && task.response) return `: all of it was sent, and ${refusal(task.response)}`
  if (isAllSent) return ': all of it was sent, but the server had not answered'
  return isUploadTask(task) ? ': it cannot be continued, only sent again' : ': nothing of it is kept'
}

const verbs = {download: 'saved', data: 'received', upload: 'sent'} as const

function cost(transfer: Transfer): string {
  const {task, resumedAt} = transfer
  if (task.originalRequest.method === 'HEAD') return 'head only'
  const {bytes, expected = bytes} = movedBy(task)
  // What had to be sent twice does not make an upload larger.
  const moved = isUploadTask(task) ? Math.min(transfer.moved, Math.max(0, bytes - resumedAt)) : transfer.moved
  const duration = Math.max(0, (task.ended ?? Date.now()) - (task.started ?? task.created))
  const price = `${formatBytes(moved)} in ${pace(moved, duration)}`
  const reason = restartReason(task)
  if (reason !== undefined) return `${price}; started again from zero: ${printable(reason)}`
  if (resumedAt === 0) return price
  const place = expected > 0 ? `resumed at ${Math.floor((resumedAt / expected) * 100)}%` : 'resumed'
  return `${formatBytes(bytes)}, ${place}; ${price}`
}

function restartReason(task: Task): string | undefined {
  return (isDownloadTask(task) || isUploadTask(task)) && task.restarted ? task.restartReason : undefined
}
