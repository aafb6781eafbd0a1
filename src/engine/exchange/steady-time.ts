import {monotonic} from './monotonic.ts'

const origin = Date.now() - monotonic()

/**
 * Milliseconds since 1970 by a clock that nobody can set: it agrees with the wall clock at the start of the program and
 * only counts from then on, so that differences are durations.
 */
export function steadyTime(): number {
  return Math.floor(origin + monotonic())
}
