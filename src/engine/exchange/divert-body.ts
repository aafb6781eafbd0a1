import type {Connection} from './connection.ts'

/** Whose body is diverted. */
export interface Diversion {
  /** Bytes of the whole body. */
  readonly length: number
  readonly received: () => number
  /** Does nobody want the rest? */
  readonly isOver: () => boolean
  readonly write: (view: Uint8Array) => Promise<void> | void
  /** Calls back when a promise has settled well; until then this side holds the body back. */
  readonly releaseAfter: (hold: Promise<void>, release: () => void) => void
  readonly finish: () => void
}

/** Past the head of a long body of known length the parser has nothing to add but a copy of every byte. */
export function divertBody(connection: Connection, diversion: Diversion): void {
  const {length, received, isOver, write, releaseAfter, finish} = diversion
  connection.divert(view => {
    if (isOver()) return false
    const missing = length - received()
    const hold = write(view.length > missing ? view.subarray(0, missing) : view)
    const isWhole = received() === length
    if (!hold) {
      if (isWhole) finish()
      return !isWhole
    }
    releaseAfter(hold, isWhole ? finish : () => connection.release())
    return false
  })
}
