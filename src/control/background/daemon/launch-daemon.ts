import {spawn} from 'node:child_process'
import {closeSync} from 'node:fs'
import {parse} from 'node:path'
import type {Places} from '../../places.ts'
import {daemonLogPath} from '../background-folder.ts'
import {daemonEnvironment} from './daemon-environment.ts'
import {logSince, logSize, openLog} from './daemon-log.ts'

/** How the daemon is started, and for whom. */
export interface DaemonStart {
  readonly places: Pick<Places, 'runtime' | 'state'>
  /** The program and its words; its first is absolute. */
  readonly command: readonly [program: string, ...words: string[]]
  /** Of this process; the daemon gets a few variables of it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Milliseconds until it has to answer. Default: 10 s. */
  readonly patience?: number
}

/** A daemon that was started a moment ago. */
export interface Launched {
  /** left: it has ended well, because another one is there. Otherwise why it has failed, in its own words. */
  fate(): 'underWay' | 'left' | {readonly failure: string}
  /** What it has written to its log so far, on one line. */
  said(): string
}

/**
 * Starts a daemon of its own session, which outlives this process and its terminal, and does not wait for it. Throws the
 * system's error.
 */
export function launchDaemon({places, command, environment}: DaemonStart): Launched {
  const path = daemonLogPath(places.state)
  const log = openLog(path)
  try {
    const before = logSize(log)
    const [program, ...words] = command
    const child = spawn(program, words, {
      // No folder and no terminal of whoever starts it is held on to.
      cwd: parse(program).root,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log, log],
      env: daemonEnvironment(environment, process.platform)
    })
    child.unref()
    let error: Error | undefined
    child.once('error', failure => (error = failure))
    const said = (): string => logSince(path, before)
    const fate = (): ReturnType<Launched['fate']> => {
      if (error) return {failure: error.message}
      if (child.exitCode === 0) return 'left'
      const end = child.signalCode ?? child.exitCode
      return end === null ? 'underWay' : {failure: said() || `it ended with ${end}`}
    }
    return {fate, said}
  } finally {
    closeSync(log)
  }
}
