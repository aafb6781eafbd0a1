import {startClock} from './display-clock.ts'
import type {DisplayClock} from './display-clock.ts'
import {DrawingArea} from './drawing-area.ts'
import {drawnBar} from './drawn-bar.ts'
import {finalLine, isException} from './final-line.ts'
import {displayWidth, truncateEnd} from './fit.ts'
import {openLanes} from './lanes.ts'
import type {Lanes} from './lanes.ts'
import type {DisplayOptions, ProgressDisplay} from './progress.ts'
import {progressLine, summaryLine, totalLine} from './progress-line.ts'
import type {LineStyle} from './progress-line.ts'
import {TransferBoard} from './transfer-board.ts'
import {transferName} from './transfer-name.ts'

/** Above this, a line for each saved file would only push the rest off the screen; standard output has their paths. */
const fewTasks = 20

// The mark before a row and the column that stays free, so that no terminal wraps.
const margin = 3

/** A row for each running task and one for all of them, on a terminal. */
export function listDisplay({stream, paint, taskCount, resumeHint}: DisplayOptions): ProgressDisplay {
  const area = new DrawingArea(stream)
  const total = (): string => truncateEnd(totalLine(board, taskCount), area.columns - margin)
  const board: TransferBoard = new TransferBoard({
    didEnd: (transfer, outcome) => {
      if (taskCount > fewTasks && !isException(outcome)) return
      area.above(finalLine(transfer, outcome, {paint, resumeHint, width: area.columns - 1}))
    }
  })
  let clock: DisplayClock | undefined
  let lanes: Lanes | undefined
  const prepare = async (): Promise<() => void> => {
    const laneCount = Math.max(2, area.rows - 3)
    const room = (): number => Math.max(1, Math.min(area.rows - 4, laneCount - 1))
    const [drawBar, opened] = await Promise.all([drawnBar(), openLanes({area, paint, count: laneCount})])
    lanes = opened
    return () => {
      board.look()
      const style = {width: area.columns - margin, paint, drawBar}
      opened.show([...transferRows(board, room(), style), total()])
    }
  }
  return {
    delegate: board.delegate,
    start: () => {
      clock = startClock(stream, prepare)
    },
    stop: () => {
      clock?.stop()
      lanes?.close()
      area.draw([])
      board.look()
      area.above(summaryLine(board, taskCount))
      area.close()
    },
    note: line => area.above(line),
    aside: write => area.aside(write)
  }
}

/** As many as fit into the window; the rest is summed up in one row. */
function transferRows(board: TransferBoard, room: number, style: LineStyle): readonly string[] {
  const transfers = [...board.active.values()]
  const shown = transfers.length > room ? transfers.slice(0, room - 1) : transfers
  const nameWidth = Math.max(...shown.map(({task}) => displayWidth(transferName(task))))
  const rows = shown.map(transfer => progressLine(transfer, {...style, nameWidth}))
  const rest = transfers.length - shown.length
  return rest === 0 ? rows : [...rows, style.paint('faint', truncateEnd(`and ${rest} more`, style.width))]
}
