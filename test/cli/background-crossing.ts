import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, onTestFinished} from 'vitest'
import {daemonHome, untilVisited} from '../cli-run/daemon.ts'
import type {DaemonHome} from '../cli-run/daemon.ts'
import {runFerry} from '../cli-run/ferry.ts'
import type {Run, RunOptions} from '../cli-run/ferry.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {documentOf} from './said.ts'
import type {TaskFacts} from './said.ts'

/** Commands of one user, their daemon, and a server. */
export interface BackgroundCrossing {
  readonly daemon: DaemonHome
  readonly origin: Origin
  /** A path in the folder where the commands run. */
  readonly path: (name: string) => string
  readonly text: (name: string) => string
  readonly write: (name: string, content: string) => void
  readonly run: (words: readonly string[], options?: RunOptions) => Promise<Run>
  /** Starts a command, and resolves when the daemon hears of it. */
  readonly visiting: (words: readonly string[]) => Promise<{readonly ended: Promise<Run>}>
  /** Runs what hands one task over, and resolves to its id. */
  readonly submit: (words: readonly string[], options?: RunOptions) => Promise<string>
  /** The task as `tasks --all` lists it. */
  readonly task: (id: string) => Promise<TaskFacts | undefined>
}

/** Makes one; call it inside a test. The daemon does not outlive it. */
export async function backgroundCrossing(): Promise<BackgroundCrossing> {
  const origin = await startOrigin()
  onTestFinished(() => origin.close())
  const daemon = daemonHome()
  const path = (name: string): string => join(daemon.home, name)
  const run = (words: readonly string[], options: RunOptions = {}): Promise<Run> =>
    runFerry(words, {cwd: daemon.home, ...options, env: {FERRY_HOME: daemon.home, ...options.env}})
  const visiting = async (words: readonly string[]): Promise<{readonly ended: Promise<Run>}> => {
    const {pid} = await daemon.status()
    return untilVisited(pid ?? 0, () => ({ended: run(words)}))
  }
  const submit = async (words: readonly string[], options: RunOptions = {}): Promise<string> => {
    const {code, stdout, stderr} = await run(words, options)
    expect({code, stdout}, stderr).toEqual({code: 0, stdout: expect.stringMatching(/^[0-9a-z]{10,}\n$/)})
    return stdout.trim()
  }
  const task = async (id: string): Promise<TaskFacts | undefined> =>
    documentOf(await run(['tasks', '--all', '--json', id])).tasks[0]
  return {
    daemon,
    origin,
    path,
    run,
    visiting,
    submit,
    task,
    text: name => readFileSync(path(name), 'utf8'),
    write: (name, content) => writeFileSync(path(name), content)
  }
}

export {heldResource} from '../origin/held-resource.ts'
