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

/** May this be a task's id? Ids become file names, so nothing else is let through. */
export function isTaskId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text)
}
