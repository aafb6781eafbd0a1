import type {StopSignal} from './signals.ts'

/** ^C at a question, or a signal before anything had begun: there is nothing to report and nothing to keep. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly signal: StopSignal

  constructor(signal: StopSignal = 'SIGINT') {
    super()
    this.signal = signal
  }
}
