import {DrawingArea} from './drawing-area.ts'
import {startClock} from './display-clock.ts'
import type {DisplayClock} from './display-clock.ts'
import {drawnBar} from './drawn-bar.ts'
import {finalLine} from './final-line.ts'
import type {DisplayOptions, ProgressDisplay} from './progress.ts'
import {progressLine} from './progress-line.ts'
import {TransferBoard} from './transfer-board.ts'

// What a terminal echoes of ^C fits behind the line: on two rows, half of it would stay.
const margin = 2

/** One line for one task, on a terminal. */
export function barDisplay({stream, paint, resumeHint}: DisplayOptions): ProgressDisplay {
  const area = new DrawingArea(stream)
  const board = new TransferBoard({
    didEnd: (transfer, outcome) => {
      area.draw([])
      if (outcome.state === 'failed') return
      area.above(finalLine(transfer, outcome, {paint, resumeHint, width: area.columns - 1}))
    }
  })
  let clock: DisplayClock | undefined
  const prepare = async (): Promise<() => void> => {
    const drawBar = await drawnBar()
    return () => {
      board.look()
      const shown = [...board.active.values()].slice(0, Math.max(1, area.rows - 4))
      const style = {width: area.columns - margin, paint, drawBar}
      area.draw(shown.map(transfer => progressLine(transfer, style)))
    }
  }
  return {
    delegate: board.delegate,
    start: () => {
      clock = startClock(stream, prepare)
    },
    stop: () => {
      clock?.stop()
      area.close()
    },
    note: line => area.above(line),
    aside: write => area.aside(write)
  }
}
