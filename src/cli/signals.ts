import {signalExitCodes} from './exit-codes.ts'

export type StopSignal = keyof typeof signalExitCodes

export interface SignalActions {
  /** The first signal: stop in good order. */
  readonly stop: (signal: StopSignal) => void
  /** A second ^C: nobody wants to wait any longer. */
  readonly abandon: (signal: StopSignal) => void
}

// bin/run.js forwards what the terminal has sent to both of us; no finger is as quick as that.
const echoWindow = 100

/**
 * Watches for SIGINT, SIGTERM and SIGHUP until the function returned is called. A repeated SIGTERM or SIGHUP says
 * nothing new.
 */
export function watchSignals(actions: SignalActions): () => void {
  const echoes = process.env['FERRY_FORWARDED_SIGNALS'] === '1' ? echoWindow : 0
  let firstAt: number | undefined
  const listeners = (Object.keys(signalExitCodes) as StopSignal[]).map(signal => {
    const listener = (): void => {
      const now = performance.now()
      if (firstAt === undefined) {
        firstAt = now
        actions.stop(signal)
      } else if (signal === 'SIGINT' && now - firstAt >= echoes) actions.abandon(signal)
    }
    process.on(signal, listener)
    return {signal, listener}
  })
  return () => {
    for (const {signal, listener} of listeners) process.off(signal, listener)
  }
}
