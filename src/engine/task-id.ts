let made = 0

/**
 * A name that no other task of this user gets: the millisecond, the process, and a count within it. Sorts by time, is
 * easy to type. Not a secret: nothing is allowed to whoever knows it.
 */
export function makeTaskId(): string {
  made += 1
  const process36 = process.pid.toString(36).padStart(4, '0')
  const count36 = (made % 46656).toString(36).padStart(3, '0')
  return `${Date.now().toString(36)}${process36}${count36}`
}

/** What every id looks like: it stands in names of files, and in resume data. */
export const taskIdForm = /^[0-9a-z]{6,40}$/
