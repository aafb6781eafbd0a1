import {beforeEach, expect} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import type {Run} from '../cli-run/ferry.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

/** The sessions of one user, by the commands. */
export interface SessionsHome {
  /** The FERRY_HOME of the test that runs. */
  readonly folder: () => string
  readonly sessions: (...words: readonly string[]) => Promise<Run>
  /** Standard output of what has to go well. */
  readonly done: (...words: readonly string[]) => Promise<string>
  readonly shown: (name: string) => Promise<Shown>
}

/** What `ferry sessions show NAME --json` says. */
export interface Shown {
  readonly revision: number
  readonly configuration: Readonly<Record<string, unknown>>
}

/** Makes one for each test of a file; call it outside of them. */
export function sessionsHome(): SessionsHome {
  let home = ''
  beforeEach(() => {
    home = scratchFolder()
  })
  const sessions = (...words: readonly string[]): Promise<Run> =>
    runFerry(['sessions', ...words], {env: {FERRY_HOME: home}})
  const done = async (...words: readonly string[]): Promise<string> => {
    const {code, stdout, stderr} = await sessions(...words)
    expect(code, stderr).toBe(0)
    return stdout
  }
  const shown = async (name: string): Promise<Shown> =>
    JSON.parse(await done('show', name, '--json')) as Shown
  return {folder: () => home, sessions, done, shown}
}
