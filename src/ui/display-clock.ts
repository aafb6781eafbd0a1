/** A transfer that ends sooner shows no moving picture, and costs none of its start. */
const patience = 150
const interval = 250

export interface DisplayClock {
  stop(): void
}

/** Prepares a picture once a transfer has taken its time, then draws it four times a second. Keeps no process alive. */
export function startClock(prepare: () => Promise<() => void>): DisplayClock {
  const state: {timer: NodeJS.Timeout | undefined; isStopped: boolean} = {timer: undefined, isStopped: false}
  const begin = async (): Promise<void> => {
    const draw = await prepare()
    if (state.isStopped) return
    draw()
    state.timer = setInterval(draw, interval).unref()
  }
  state.timer = setTimeout(() => void begin(), patience).unref()
  return {
    stop: () => {
      state.isStopped = true
      clearTimeout(state.timer)
    }
  }
}
