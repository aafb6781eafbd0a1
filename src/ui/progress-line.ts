import {displayWidth, truncateEnd, truncateMiddle} from './fit.ts'
import {awaitsAnswer, movedBy, ratioOf} from './moved.ts'
import type {Paint, Tone} from './paint.ts'
import {printable} from './printable.ts'
import type {Transfer, TransferBoard} from './transfer-board.ts'
import {transferName} from './transfer-name.ts'
import {formatBytes, formatDuration, formatRate, pace} from './units.ts'

/** Draws a bar of a size in columns, filled to a ratio of 0 to 1. */
export type DrawBar = (ratio: number, size: number) => string

export interface LineStyle {
  /** Columns that the line may take. */
  readonly width: number
  /** Columns that the longest name of several rows takes, so that what follows stands below each other. */
  readonly nameWidth?: number
  readonly paint: Paint
  readonly drawBar: DrawBar
}

const gap = '  '
const smallestBar = 8
const largestBar = 30
const readableName = 16

/** One transfer in one line that never takes more than its width; what is less important leaves first. */
export function progressLine(transfer: Transfer, style: LineStyle): string {
  const name = transferName(transfer.task)
  const waiting = waitingText(transfer)
  if (waiting !== undefined) return wordsLine(name, {text: waiting, tone: 'warning'}, style)
  const answer = answerText(transfer)
  if (answer !== undefined) return wordsLine(name, {text: answer, tone: 'faint'}, style)
  const nameWidth = Math.max(displayWidth(name), style.nameWidth ?? 0)
  const leastName = Math.min(nameWidth, readableName)
  const parts = fittingParts(transfer, style.width - leastName)
  const room = style.width - displayWidth(parts) - gap.length
  if (room < 1) return truncateEnd(parts.trim(), style.width)
  const ratio = ratioOf(movedBy(transfer.task))
  const barRoom = room - leastName - gap.length
  if (ratio === undefined || barRoom < smallestBar)
    return `${padded(name, Math.min(nameWidth, room))}${gap}${parts}`
  const size = Math.min(largestBar, barRoom)
  const bar = style.paint('accent', style.drawBar(ratio, size))
  return `${padded(name, Math.min(nameWidth, room - size - gap.length))}${gap}${bar}${gap}${parts}`
}

function padded(name: string, columns: number): string {
  const short = truncateMiddle(name, columns)
  return short + ' '.repeat(Math.max(0, columns - displayWidth(short)))
}

function wordsLine(name: string, words: {text: string; tone: Tone}, style: LineStyle): string {
  const {width, paint} = style
  const nameRoom = Math.max(readableName, width - displayWidth(words.text) - gap.length)
  const nameWidth = Math.max(displayWidth(name), style.nameWidth ?? 0)
  const short = padded(name, Math.min(nameWidth, nameRoom, width))
  const text = truncateEnd(words.text, width - displayWidth(short) - gap.length)
  return text === '' ? short : `${short}${gap}${paint(words.tone, text)}`
}

function fittingParts(transfer: Transfer, width: number): string {
  const percentage = percentText(transfer)?.padStart(4)
  const rate = formatRate(transfer.meter.bytesPerSecond ?? 0).padStart(10)
  const remaining = (remainingText(transfer) ?? '').padEnd(11)
  const choices = [
    [percentage, bytesText(transfer), rate, remaining],
    [percentage, bytesText(transfer), rate],
    [percentage, rate],
    [percentage ?? rate.trim()]
  ].map(parts => parts.filter(part => part !== undefined).join(gap))
  return choices.find(text => displayWidth(text) + gap.length <= width) ?? choices.at(-1) ?? ''
}

/** Of the whole, so that a resumed transfer starts at its offset. Rounded down: 100 % is for what is whole. */
export function percentText({task}: Transfer): string | undefined {
  const ratio = ratioOf(movedBy(task))
  return ratio === undefined ? undefined : `${Math.floor(ratio * 100)}%`
}

function bytesText({task}: Transfer): string {
  const {bytes, expected} = movedBy(task)
  const moved = formatBytes(bytes)
  return (expected === undefined ? moved : `${moved}/${formatBytes(expected)}`).padStart(17)
}

/** Undefined when there is no telling: unknown size, or nothing moves. */
export function remainingText({task, meter}: Transfer): string | undefined {
  const {bytes, expected} = movedBy(task)
  const rate = meter.bytesPerSecond ?? 0
  if (expected === undefined || rate < 1) return undefined
  return `${formatDuration(((expected - bytes) / rate) * 1000)} left`
}

/** What there is to say of an upload that has sent everything: a full bar would promise that it is over. */
export function answerText({task, sentAt}: Transfer): string | undefined {
  if (!awaitsAnswer(task)) return undefined
  const waited = sentAt === undefined ? 0 : Date.now() - sentAt
  const words = `${formatBytes(movedBy(task).bytes)} sent, waiting for the answer`
  return waited < 1000 ? words : `${words} for ${formatDuration(waited)}`
}

/** What a task waits for, while it does. Safe to print. */
export function waitingText(transfer: Transfer): string | undefined {
  return transfer.task.state === 'waiting' ? waitText(transfer) : undefined
}

/** The last wait of a task, whether it is over or not. Safe to print. */
export function waitText({waiting, attempt}: Transfer): string | undefined {
  if (!waiting) return undefined
  const reason = waiting.error ? `: ${printable(waiting.error.message)}` : ''
  if (waiting.reason === 'connectivity') return `waiting for the network${reason}`
  if (waiting.reason === 'slot') return 'waiting for a free connection'
  const seconds = Math.ceil((waiting.until - Date.now()) / 1000)
  return `waiting${seconds > 0 ? ` ${seconds} s` : ''}, then attempt ${attempt}${reason}`
}

/** All transfers in one line, as they go: "12 of 5000 done, 1.2 GiB, 80 MiB/s, 2 failed". */
export function totalLine(board: TransferBoard, taskCount: number): string {
  return tally(board, taskCount, [formatBytes(board.moved), formatRate(board.meter.bytesPerSecond ?? 0)])
}

/** All transfers in one line, when they are over: the rate is that of the whole time. */
export function summaryLine(board: TransferBoard, taskCount: number): string {
  const duration = Date.now() - board.began
  return tally(board, taskCount, [`${formatBytes(board.moved)} in ${pace(board.moved, duration)}`])
}

function tally(board: TransferBoard, taskCount: number, facts: readonly string[]): string {
  const {completed, failed, paused, cancelled} = board.ended
  return [
    `${completed} of ${Math.max(taskCount, board.created)} done`,
    ...facts,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(paused > 0 ? [`${paused} paused`] : []),
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : [])
  ].join(', ')
}
