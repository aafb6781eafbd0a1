import {Readable} from 'node:stream'
import type {EndedTask} from './task-record.ts'

/**
 * How each of them has ended, a JSON line each, as they do; ends with the last of them. Of one that nobody can tell of any
 * more, nothing is said.
 */
export function endLines(ends: readonly Promise<EndedTask>[]): AsyncIterable<string> {
  const lines = new Readable({objectMode: true, read: () => {}})
  const told = ends.map(end => end.then(known => void lines.push(`${JSON.stringify(known)}\n`)))
  void Promise.allSettled(told).then(() => lines.push(null))
  return lines
}
