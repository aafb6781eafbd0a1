const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const fixdate =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>[1-9]\d{3}) (?<clock>\d\d:\d\d:\d\d) GMT$/
const rfc850 =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<clock>\d\d:\d\d:\d\d) GMT$/
const asctime =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<clock>\d\d:\d\d:\d\d) (?<year>[1-9]\d{3})$/

/**
 * RFC 9110, 5.6.7: milliseconds since 1970, from any of the three forms a recipient has to accept.
 * The name of the day must be one, but is not held against the date.
 */
export function parseHttpDate(value: string): number | undefined {
  const text = value.trim()
  const parts = (fixdate.exec(text) ?? rfc850.exec(text) ?? asctime.exec(text))?.groups
  if (!parts) return undefined
  const {day = '', month = '', year = '', clock = ''} = parts
  const [hour = 0, minute = 0, second = 0] = clock.split(':').map(Number)
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const midnight = Date.UTC(fullYear(year), months.indexOf(month), Number(day))
  // Date.UTC turns 31 February into 3 March, and a month it does not know into December.
  if (new Date(midnight).getUTCMonth() !== months.indexOf(month)) return undefined
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000
}

/** The form senders must use, IMF-fixdate, to the second. Undefined for times outside the years 1000 to 9999. */
export function formatHttpDate(time: number): string | undefined {
  const year = new Date(time).getUTCFullYear()
  return year >= 1000 && year <= 9999 ? new Date(time).toUTCString() : undefined
}

// RFC 9110 settles two digits by today's date. A leaf has no clock, and no resource is older than the web.
function fullYear(digits: string): number {
  if (digits.length === 4) return Number(digits)
  return Number(digits) + (Number(digits) < 70 ? 2000 : 1900)
}
