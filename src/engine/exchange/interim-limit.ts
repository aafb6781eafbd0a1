import type {OutgoingBody} from './outgoing-body.ts'

const most = 32
// An honest server reports progress once in a while, for as long as the body takes (104, Upload Resumption Supported).
const mostReports = 100_000

/** How many interim answers one request may get. */
export class InterimLimit {
  #count = 0
  #reports = 0

  /** Counts one; true when it is one too many. */
  isPassedBy(status: number, outgoing: OutgoingBody | undefined): boolean {
    if (status === 104 && outgoing) this.#reports += 1
    else this.#count += 1
    return this.#count > most || this.#reports > mostReports
  }
}
