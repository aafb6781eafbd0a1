import type {ChildProcess, StdioOptions} from 'node:child_process'
import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {onTestFinished} from 'vitest'
import {watchText} from '../canary/canary.ts'
import {filesIn} from '../cli/files-in.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface RunOptions {
  /** On top of the clean environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** A scratch folder unless given. */
  readonly cwd?: string
  /** Sent to standard input first; without it, nothing is. */
  readonly input?: Buffer | string
  /** `ended` unless told: whether standard input closes behind `input`, or stays for the test to write to. */
  readonly stdin?: 'ended' | 'open'
  readonly stdio?: StdioOptions
  /** Standard output may hold a secret: the content is one. */
  readonly reveals?: 'content'
  /** Another copy of the program than the project's own. */
  readonly binary?: string
}

export interface Run {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Standard output before decoding, for data that is no text. */
  readonly output: Buffer
  readonly pid: number | undefined
}

/** A ferry that is still on its way. */
export interface LiveFerry {
  readonly child: ChildProcess
  readonly pid: number | undefined
  /** Never rejects for an exit code; rejects when the program cannot be started. */
  readonly done: Promise<Run>
  /** The folder behind FERRY_HOME. */
  readonly home: string | undefined
  /** Resolves with all of standard error as soon as it matches; rejects if the program ends before. */
  untilStderr(pattern: RegExp): Promise<string>
  /** The same for standard output. */
  untilStdout(pattern: RegExp): Promise<string>
  kill(signal: NodeJS.Signals): void
}

// Whatever the person who runs the tests has set must not decide how they end: no proxies, no CI, no colours, no home.
function cleanEnvironment(changes: RunOptions['env'] = {}): Record<string, string> {
  const home = changes['FERRY_HOME'] ?? scratchFolder()
  const environment = {
    PATH: process.env['PATH'],
    SystemRoot: process.env['SystemRoot'],
    TMPDIR: process.env['TMPDIR'],
    HOME: home,
    LANG: 'C.UTF-8',
    TERM: 'xterm',
    FERRY_HOME: home,
    NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'],
    ...changes
  }
  const set = Object.entries(environment).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return Object.fromEntries(set)
}

/** Collects one output of the program and answers those who wait for words in it. */
class Output {
  readonly #bytes: Buffer[] = []
  #state: 'open' | 'ended' = 'open'
  readonly #waiting = new Set<() => void>()

  constructor(stream: NodeJS.ReadableStream | null) {
    stream?.on('data', (chunk: Buffer) => {
      this.#bytes.push(chunk)
      this.#tell()
    })
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#bytes)
  }

  end(): void {
    this.#state = 'ended'
    this.#tell()
  }

  until(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const text = this.bytes.toString()
        if (pattern.test(text)) resolve(text)
        else if (this.#state === 'ended') reject(new Error(`ferry ended without ${pattern} in: ${text}`))
        else return
        this.#waiting.delete(look)
      }
      this.#waiting.add(look)
      look()
    })
  }

  #tell(): void {
    for (const look of this.#waiting) look()
  }
}

interface Watched {
  readonly home: string | undefined
  readonly options: RunOptions
}

/** No secret may be in what a run says, nor in what it leaves in its own folders. */
function watchRun({stdout, stderr}: Pick<Run, 'stdout' | 'stderr'>, {home, options}: Watched): void {
  if (options.reveals === undefined) watchText(stdout, 'standard output')
  watchText(stderr, 'standard error')
  if (home === undefined) return
  for (const folder of ['config', 'state', 'run']) {
    for (const {path, content} of filesIn(join(home, folder))) watchText(content, join(folder, path))
  }
}

/** Starts the built binary; call it inside a test, so that its scratch folders are removed afterwards. */
export function startFerry(args: readonly string[], options: RunOptions = {}): LiveFerry {
  const env = cleanEnvironment(options.env)
  const cwd = options.cwd ?? scratchFolder()
  const child = spawn(process.execPath, [options.binary ?? binary, ...args], {
    cwd,
    env,
    stdio: options.stdio ?? 'pipe'
  })
  const [stdout, stderr] = [new Output(child.stdout), new Output(child.stderr)]
  // A program that does not read its input (a refused flag, say) closes it first; that is no failure of the test.
  child.stdin?.on('error', () => {})
  child.stdin?.write(options.input ?? '')
  if (options.stdin !== 'open') child.stdin?.end()
  const done = new Promise<Run>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      stdout.end()
      stderr.end()
      const output = stdout.bytes
      const text = {stdout: output.toString(), stderr: stderr.bytes.toString()}
      watchRun(text, {home: env['FERRY_HOME'], options})
      resolve({code, signal, ...text, output, pid: child.pid})
    })
  })
  // A test that fails half-way must not leave the program behind. Runs before the folders are removed.
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await done.catch(() => {})
  })
  return {
    child,
    pid: child.pid,
    done,
    home: env['FERRY_HOME'],
    untilStderr: pattern => stderr.until(pattern),
    untilStdout: pattern => stdout.until(pattern),
    kill: signal => void child.kill(signal)
  }
}

/** Runs the built binary to its end. */
export function runFerry(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return startFerry(args, options).done
}
