import {movedBy} from './moved.ts'
import {printable} from './printable.ts'
import {finalLine, isException} from './final-line.ts'
import type {DisplayOptions, ProgressDisplay} from './progress.ts'
import {
  answerText,
  percentText,
  remainingText,
  summaryLine,
  totalLine,
  waitText,
  waitingText
} from './progress-line.ts'
import {shownAddress} from './shown-address.ts'
import {isUploadTask} from './task-kind.ts'
import {TransferBoard} from './transfer-board.ts'
import type {Transfer} from './transfer-board.ts'
import {transferName} from './transfer-name.ts'
import {formatBytes, formatRate} from './units.ts'

const heartbeat = 10_000

/** Lines that stay, for logs and for whoever listens to a screen reader: at the start, every ten seconds, at the end. */
export function plainDisplay(options: DisplayOptions): ProgressDisplay {
  const {stream, paint, taskCount, resumeHint} = options
  let isStopped = false
  const print = (line: string): void => {
    if (!isStopped) stream.write(`${line}\n`)
  }
  const board: TransferBoard = new TransferBoard({
    didStart: transfer => {
      if (!isMany()) print(startLine(transfer))
    },
    didWait: transfer => {
      const waiting = waitText(transfer)
      if (!isMany() && waiting !== undefined) print(`${transferName(transfer.task)}: ${waiting}`)
    },
    didEnd: (transfer, outcome) => {
      const isNews = isMany() ? isException(outcome) : outcome.state !== 'failed'
      if (isNews) print(finalLine(transfer, outcome, {paint, resumeHint}))
    }
  })
  const isMany = (): boolean => Math.max(taskCount, board.created) > 1
  const beat = (): void => {
    board.look()
    if (isMany()) print(totalLine(board, taskCount))
    else for (const transfer of board.active.values()) print(heartbeatLine(transfer))
  }
  let timer: NodeJS.Timeout | undefined
  return {
    delegate: board.delegate,
    start: () => {
      if (taskCount > 1) print(`${taskCount} transfers`)
      timer = setInterval(beat, heartbeat).unref()
    },
    stop: () => {
      clearInterval(timer)
      board.look()
      if (isMany()) print(summaryLine(board, taskCount))
      isStopped = true
    },
    note: print,
    aside: write => write()
  }
}

function startLine({task}: Transfer): string {
  const towards = isUploadTask(task) ? 'to' : 'from'
  return `${transferName(task)}: ${towards} ${printable(shownAddress(task, task.currentRequest.url.href))}`
}

function heartbeatLine(transfer: Transfer): string {
  const {task, meter} = transfer
  const {bytes, expected} = movedBy(task)
  const waiting = waitingText(transfer)
  const alone = bytes === 0 ? waiting : answerText(transfer)
  if (alone !== undefined) return `${transferName(task)}: ${alone}`
  const facts = [
    formatBytes(bytes) + (expected === undefined ? '' : ` of ${formatBytes(expected)}`),
    percentText(transfer),
    formatRate(meter.bytesPerSecond ?? 0),
    remainingText(transfer),
    waiting
  ].filter(fact => fact !== undefined)
  return `${transferName(task)}: ${facts.join(', ')}`
}
