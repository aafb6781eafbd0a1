/** Milliseconds of a clock that nobody can set. `performance` would be loaded for nothing else. */
export function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
