import {spawn} from 'node:child_process'
import {text} from 'node:stream/consumers'
import {onTestFinished} from 'vitest'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {locateProgram} from './program.ts'

const installed = {name: 'unshare', package: 'util-linux'}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program of Node to its end in a network namespace of its own, which has nothing but a loopback interface, and
 * that is down. Needs root.
 */
export async function runIsolated(words: readonly string[], cwd: string): Promise<Ended> {
  const home = scratchFolder()
  const env = {PATH: process.env['PATH'], HOME: home, FERRY_HOME: home, LANG: 'C.UTF-8'}
  const isolated = ['--net', process.execPath, ...words]
  // A group of its own, so that a scene that hangs ends with its ferry.
  const child = spawn(locateProgram(installed), isolated, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  onTestFinished(async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL')
    await ended
  })
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return {code, stdout, stderr}
}
