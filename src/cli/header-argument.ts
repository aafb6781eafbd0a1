import {assertHeader} from '../engine/index.ts'
import type {HeaderField} from '../engine/index.ts'
import {readTextFile} from './read-text-file.ts'
import {usageError} from './usage-error.ts'

/** What -H asks for; absent: leave the header out even where ferry or the session would send it. */
export type HeaderArgument =
  {readonly kind: 'present'; readonly field: HeaderField} | {readonly kind: 'absent'; readonly name: string}

/** Reads one line of -H as curl does: "Name: value", "Name;" is empty, "Name:" leaves the header out. */
export function parseHeaderLine(line: string): HeaderArgument {
  const colon = line.indexOf(':')
  if (colon === -1) {
    const empty = /^([^;\s]+);\s*$/.exec(line)?.[1]
    if (empty === undefined) {
      throw usageError('-H needs "Name: value", "Name:" to leave a header out, or "Name;" for an empty one')
    }
    assertHeader(empty, '')
    return {kind: 'present', field: [empty, '']}
  }
  const [name, value] = [line.slice(0, colon).trimEnd(), line.slice(colon + 1).trim()]
  assertHeader(name, value)
  return value === '' ? {kind: 'absent', name} : {kind: 'present', field: [name, value]}
}

/** Reads all -H of a command line; @FILE stands for the lines of a file. */
export async function readHeaders(given: readonly string[]): Promise<readonly HeaderArgument[]> {
  const lines: string[] = []
  for (const line of given) {
    if (!line.startsWith('@')) lines.push(line)
    else {
      const text = await readTextFile('-H', line.slice(1))
      lines.push(...text.split(/\r?\n/).filter(each => each.trim() !== ''))
    }
  }
  return lines.map(parseHeaderLine)
}
