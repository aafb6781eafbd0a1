import {spawn} from 'node:child_process'
import {text} from 'node:stream/consumers'
import {fileURLToPath} from 'node:url'
import {onTestFinished} from 'vitest'
import {scratchFolder} from '../scratch/scratch-folder.ts'

const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface ShellRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ShellOptions {
  readonly cwd?: string
  /** The variables the script uses, such as URL; the whole environment beside PATH and FERRY_HOME. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a script of the shell in which `ferry` is the built binary. */
export async function runInShell(script: string, options: ShellOptions = {}): Promise<ShellRun> {
  const {cwd = scratchFolder(), env = {}} = options
  const child = spawn('sh', ['-c', `ferry() { "$NODE" "$BINARY" "$@"; }\n${script}`], {
    cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      FERRY_HOME: scratchFolder(),
      NODE: process.execPath,
      BINARY: binary,
      ...env
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  onTestFinished(() => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  })
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return {code, stdout, stderr}
}
