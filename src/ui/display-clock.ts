import type {ProgressStream} from './progress.ts'

/** A transfer that ends sooner shows no moving picture, and costs none of its start. */
const patience = 150
const interval = 250

interface ClockState {
  timer: NodeJS.Timeout | undefined
  draw: (() => void) | undefined
  isStopped: boolean
}

export interface DisplayClock {
  stop(): void
}

/**
 * Prepares a picture once a transfer has taken its time, then draws it four times a second, and whenever the window
 * changes its size. Keeps no process alive.
 */
export function startClock(
  stream: Pick<ProgressStream, 'on' | 'off'>,
  prepare: () => Promise<() => void>
): DisplayClock {
  const state: ClockState = {timer: undefined, draw: undefined, isStopped: false}
  const redraw = (): void => state.draw?.()
  const begin = async (): Promise<void> => {
    const draw = await prepare()
    if (state.isStopped) return
    draw()
    state.draw = draw
    state.timer = setInterval(draw, interval).unref()
  }
  state.timer = setTimeout(() => void begin(), patience).unref()
  stream.on?.('resize', redraw)
  return {
    stop: () => {
      state.isStopped = true
      clearTimeout(state.timer)
      stream.off?.('resize', redraw)
    }
  }
}
