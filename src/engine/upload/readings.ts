import type {BodyReading, NewBodyReason} from '../request-body.ts'

/** What can be read from its beginning, perhaps more than once. */
export interface Readings {
  /** A reading; that there is none is told by its first step. */
  read(reason: NewBodyReason): BodyReading
  /** Sees to it that the next reading can be had. Rejects with READ_FAILED where there will be none. */
  prepare(reason: NewBodyReason): Promise<void>
}
