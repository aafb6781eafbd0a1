import {closeSync, lstatSync, readFileSync, rmSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {backgroundFolder, daemonLogPath} from '../background-folder.ts'
import {openOwnFile} from '../own-file.ts'

// Milliseconds between two starts that nobody has asked for.
const pause = 60_000
// Milliseconds in which a daemon has begun, or said why it cannot; one that has done neither was killed.
const beginning = 2000

/** What to do for tasks that wait without a daemon. say: the last one could not begin, and nobody was told yet. */
export type Revival = {readonly kind: 'start' | 'wait'} | {readonly kind: 'say'; readonly reason: string}

/** quiet: whoever runs the command does not want to hear of it. */
export type Audience = 'listening' | 'quiet'

/**
 * Decides who starts a daemon that has gone. One that cannot begin (a full disk, a newer journal) must not be started again
 * by each command. The file is there from a start on until a daemon has begun; it has content when the reason was told.
 */
export function claimRevival(stateFolder: string, audience: Audience): Revival {
  const path = pathIn(stateFolder)
  const facts = lstatSync(path, {throwIfNoEntry: false})
  try {
    // A clock that was set back makes nobody wait longer.
    const age = Math.abs(Date.now() - (facts?.mtimeMs ?? 0))
    if (!facts?.isFile() || age > pause) return claim(path)
    if (facts.size > 0) return {kind: 'wait'}
    const reason = whyNotBegun(stateFolder, facts.mtimeMs)
    if (reason === undefined) return age > beginning ? claim(path) : {kind: 'wait'}
    if (audience === 'quiet') return {kind: 'wait'}
    const file = openOwnFile(path)
    writeSync(file, 'told\n')
    closeSync(file)
    return {kind: 'say', reason}
  } catch {
    // Where not even that can be written, a daemon could not begin either.
    return {kind: 'wait'}
  }
}

function claim(path: string): Revival {
  rmSync(path, {force: true})
  closeSync(openOwnFile(path))
  return {kind: 'start'}
}

/** A daemon has begun: should it go, the next one may come at once. */
export function endRevival(stateFolder: string): void {
  rmSync(pathIn(stateFolder), {force: true})
}

/** What a daemon has logged since then, in milliseconds since the epoch, that kept it from beginning. */
function whyNotBegun(stateFolder: string, since: number): string | undefined {
  const line = /^(\S+Z) \d+ (?:cannot begin|ends with a fault of its own): (.*)$/
  const [, time = '', reason] =
    readFileSync(daemonLogPath(stateFolder), 'utf8')
      .split('\n')
      .findLast(each => line.test(each))
      ?.match(line) ?? []
  return Date.parse(time) >= Math.floor(since) ? reason : undefined
}

function pathIn(stateFolder: string): string {
  return join(backgroundFolder(stateFolder), 'revived')
}
