/** One thing that can be proved: its name in the titles of tests, what has to hold, and why it does not apply, if so. */
export interface ConformanceRow {
  readonly name: string
  readonly rule: string
  /** A reason: nothing on a command line, or in this version, could keep to it. */
  readonly outside?: string
}

export interface ConformanceTable {
  readonly title: string
  readonly about: string
  readonly rows: readonly ConformanceRow[]
}

/** Rows from lines "name | rule" or "name | rule | why it is outside". */
export function rowsOf(prefix: string, text: string): readonly ConformanceRow[] {
  return text
    .trim()
    .split('\n')
    .map(line => line.split('|').map(part => part.trim()))
    .map(([name = '', rule = '', outside]) => ({
      name: `${prefix}${name}`,
      rule,
      ...(outside ? {outside} : {})
    }))
}
