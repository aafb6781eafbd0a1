import {maskUrl} from './mask.ts'
import {printable} from './printable.ts'
import {finalLine, isException} from './final-line.ts'
import type {DisplayOptions, ProgressDisplay} from './progress.ts'
import {percentText, remainingText, summaryLine, totalLine, waitText, waitingText} from './progress-line.ts'
import {TransferBoard, transferName} from './transfer-board.ts'
import type {Transfer} from './transfer-board.ts'
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
  return `${transferName(task)}: from ${printable(maskUrl(task.currentRequest.url.href))}`
}

function heartbeatLine(transfer: Transfer): string {
  const {task, meter} = transfer
  const expected = task.countOfBytesExpectedToReceive
  const waiting = waitingText(transfer)
  if (waiting !== undefined && task.countOfBytesReceived === 0) return `${transferName(task)}: ${waiting}`
  const facts = [
    formatBytes(task.countOfBytesReceived) + (expected === undefined ? '' : ` of ${formatBytes(expected)}`),
    percentText(transfer),
    formatRate(meter.bytesPerSecond ?? 0),
    remainingText(transfer),
    waiting
  ].filter(fact => fact !== undefined)
  return `${transferName(task)}: ${facts.join(', ')}`
}
