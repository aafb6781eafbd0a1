/** Hours of every day, in minutes since midnight. `to` is the first minute outside; it may lie before `from`. */
export interface TimeWindow {
  readonly from: number
  readonly to: number
}

/** Minutes since midnight at a time (milliseconds since the epoch), somewhere. */
export type WallClock = (time: number) => number

const minute = 60_000
// From any minute on, each minute of the day comes within two days, whatever the clocks do.
const farthest = 2 * 25 * 60

/** Reads "HH:MM-HH:MM"; undefined for anything else. */
export function parseTimeWindow(text: string): TimeWindow | undefined {
  const [, from, to] = /^([0-9:]{5})-([0-9:]{5})$/.exec(text) ?? []
  const [first, last] = [minuteOf(from), minuteOf(to)]
  return first === undefined || last === undefined ? undefined : {from: first, to: last}
}

function minuteOf(text = ''): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes)
}

/** The clock of a time zone, such as Europe/Berlin; of this process where there is none, or none that is known here. */
export function wallClock(timeZone: string | undefined): WallClock {
  if (timeZone === undefined) return hereAndNow
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23'
    })
    return time => minuteOf(format.format(time)) ?? hereAndNow(time)
  } catch {
    return hereAndNow
  }
}

function hereAndNow(time: number): number {
  const date = new Date(time)
  return date.getHours() * 60 + date.getMinutes()
}

/** Is it within the window at this time (milliseconds since the epoch)? One that ends where it begins is the whole day. */
export function isInside({from, to}: TimeWindow, time: number, clock: WallClock = hereAndNow): boolean {
  const now = clock(time)
  return from < to ? from <= now && now < to : now >= from || now < to
}

/**
 * When the window next opens or closes, in milliseconds since the epoch; undefined where it never does. A clock that is
 * put forward or back leaves out minutes of the day or brings them again, so each one is looked at.
 */
export function nextChange(
  window: TimeWindow,
  time: number,
  clock: WallClock = hereAndNow
): number | undefined {
  const inside = isInside(window, time, clock)
  let next = Math.floor(time / minute) * minute
  for (let passed = 0; passed < farthest; passed += 1) {
    next += minute
    if (isInside(window, next, clock) !== inside) return next
  }
  return undefined
}
