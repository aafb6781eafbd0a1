/** The entries that have a value: what was not given must not stand in the way of a default. */
export function present<T extends object>(values: T): {[K in keyof T]?: Exclude<T[K], undefined>} {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as {[K in keyof T]?: Exclude<T[K], undefined>}
}
