import {spawn} from 'node:child_process'
import {Socket} from 'node:net'
import type {ChildProcess} from 'node:child_process'
import type {HookCommand} from '../../../cli/hook-command.ts'

/** What a hook is run for. */
export interface HookRun {
  readonly command: HookCommand
  /** All of its standard input. */
  readonly input: string
  /** read: what it prints is kept. ignored: it goes nowhere. */
  readonly output: 'read' | 'ignored'
  /** Told the beginning of its standard error when it has ended. Default: it goes where that of this process goes. */
  readonly complaints?: (text: string) => void
  /** Instead of the runner's. */
  readonly environment?: NodeJS.ProcessEnv
  /** Ends the hook as soon as it aborts. */
  readonly stop?: AbortSignal
}

/** How a hook ended. Only after `ended` may something that it left behind still run. */
export type HookEnd =
  | {readonly kind: 'notStarted'; readonly why: string}
  | {readonly kind: 'late' | 'stopped' | 'tooLong'}
  | {readonly kind: 'ended'; readonly output: string; readonly failure: string | undefined}

export interface HookSetting {
  /** Milliseconds for all of a hook, from its start to the end of what it prints. */
  readonly patience: number
  readonly environment: NodeJS.ProcessEnv
}

const longestOutput = 64 * 1024
const longestComplaint = 4 * 1024
// Milliseconds from its end: what it leaves running may hold on to its standard error for ever.
const lastWords = 200

/** Runs the commands of hooks, each in a process group of its own, without a shell. */
export class HookRunner {
  /** Milliseconds. */
  readonly patience: number
  readonly #environment: NodeJS.ProcessEnv
  readonly #running = new Set<ChildProcess>()

  constructor({patience, environment}: HookSetting) {
    this.patience = patience
    this.#environment = environment
    // A second ^C waits for nobody.
    process.once('exit', () => this.#running.forEach(killGroup))
  }

  /** Resolves when the hook has ended or was ended; never rejects. */
  async run({command, input, output, stop, complaints, environment}: HookRun): Promise<HookEnd> {
    if (stop?.aborted) return {kind: 'stopped'}
    const child = spawn(command.program, command.words, {
      env: environment ?? this.#environment,
      stdio: ['pipe', output === 'read' ? 'pipe' : 'ignore', complaints ? 'pipe' : 'inherit'],
      detached: process.platform !== 'win32',
      windowsHide: true
    })
    this.#running.add(child)
    // A hook that does not read its input is not at fault.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
    const said = collectComplaints(child)
    const end = await endOf(child, {patience: this.patience, stop})
    this.#running.delete(child)
    complaints?.(said())
    return end
  }
}

interface Limits {
  readonly patience: number
  readonly stop: AbortSignal | undefined
}

function endOf(child: ChildProcess, {patience, stop}: Limits): Promise<HookEnd> {
  const {promise, resolve} = Promise.withResolvers<HookEnd>()
  const end = (kind: 'late' | 'stopped' | 'tooLong') => {
    killGroup(child)
    resolve({kind})
  }
  const stopped = () => end('stopped')
  const timer = setTimeout(() => end('late'), patience)
  const output = collect(child, () => end('tooLong'))
  child.once('error', error => resolve({kind: 'notStarted', why: reasonOf(error)}))
  const ended = (code: number | null, signal: NodeJS.Signals | null): void =>
    resolve({kind: 'ended', output: output(), failure: failureOf(code, signal)})
  child.once('close', ended)
  if (child.stderr) child.once('exit', (code, signal) => setTimeout(ended, lastWords, code, signal))
  stop?.addEventListener('abort', stopped)
  return promise.finally(() => {
    clearTimeout(timer)
    stop?.removeEventListener('abort', stopped)
  })
}

function reasonOf({code, message, path = ''}: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `there is no such program as ${path}`
  return code === 'EACCES' ? 'it may not be executed' : message
}

function failureOf(code: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (code === 0) return undefined
  return code === null ? `was ended by ${signal}` : `ended with ${code}`
}

/** Keeps what the hook prints; returns how to get it. */
function collect(child: ChildProcess, tooLong: () => void): () => string {
  const pieces: Buffer[] = []
  let size = 0
  child.stdout?.on('data', (piece: Buffer) => {
    size += piece.length
    if (size > longestOutput) tooLong()
    else pieces.push(piece)
  })
  return () => Buffer.concat(pieces).toString('utf8')
}

/** Keeps the beginning of what the hook complains of, and lets it go on; returns how to get it. */
function collectComplaints({stderr}: ChildProcess): () => string {
  let bytes = Buffer.alloc(0)
  stderr?.on('data', (piece: Buffer) => {
    if (bytes.length < longestComplaint) bytes = Buffer.concat([bytes, piece]).subarray(0, longestComplaint)
  })
  if (stderr instanceof Socket) stderr.unref()
  return () => bytes.toString('utf8')
}

// Windows has no process groups: there only the program itself is ended.
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
  // What left the group may still hold the pipe open; nobody reads it any more.
  child.stdout?.destroy()
}
