import type {BackgroundTask} from '../background-task.ts'
import type {Snapshot} from '../submission.ts'
import {isInside, nextChange, parseTimeWindow, wallClock} from './time-window.ts'

/** What a configuration says of the time of the day, and where that day is. */
export interface Hours extends Pick<Snapshot['keys'], 'discretionary' | 'timeouts'> {
  readonly timeZone?: string | undefined
}

/** May a task run at this time, and when does that change? */
export interface Admission {
  readonly admitted: boolean
  /** Milliseconds since the epoch, later than now; undefined = it stays as it is. */
  readonly until: number | undefined
}

/** Is a window open, from one time to another? */
interface Opening {
  readonly isOpen: boolean
  readonly since: number
  readonly until: number | undefined
}

const always: Admission = {admitted: true, until: undefined}

/** The windows of the tasks. Whether one is open is found out once for each time that it opens or closes. */
export class OpeningHours {
  readonly #openings = new Map<string, Opening>()

  /**
   * A task with a window runs within it. One that never had the chance starts at the latest when, since it was submitted,
   * as much time has passed as it may take altogether, and then runs to its end (B15).
   */
  admission(task: Pick<BackgroundTask, 'attempts' | 'created'>, hours: Hours, now: number): Admission {
    const opening = this.#openingOf(hours, now)
    if (!opening) return always
    const {isOpen, until} = opening
    if (isOpen) return {admitted: true, until}
    if (task.attempts > 0) return {admitted: false, until}
    const latest = task.created + wholeTime(hours)
    return now >= latest ? always : {admitted: false, until: Math.min(latest, until ?? Infinity)}
  }

  /** When the window of a configuration opens that is closed now; undefined: it is open, there is none, or never. */
  closedUntil(hours: Hours, now: number): number | undefined {
    const opening = this.#openingOf(hours, now)
    return opening?.isOpen === false ? opening.until : undefined
  }

  #openingOf({discretionary, timeZone}: Hours, now: number): Opening | undefined {
    if (discretionary.window === undefined) return undefined
    const window = parseTimeWindow(discretionary.window)
    if (!window) return undefined
    const name = `${discretionary.window} ${timeZone ?? ''}`
    const known = this.#openings.get(name)
    if (known && known.since <= now && now < (known.until ?? Infinity)) return known
    const clock = wallClock(timeZone)
    const opening = {
      isOpen: isInside(window, now, clock),
      since: now,
      until: nextChange(window, now, clock)
    }
    this.#openings.set(name, opening)
    return opening
  }
}

/** Milliseconds that a task may take altogether. */
export function wholeTime({timeouts}: Hours): number {
  return timeouts.total * 1000
}
