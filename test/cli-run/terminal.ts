import {spawn} from 'node:child_process'
import type {ChildProcessByStdio} from 'node:child_process'
import type {Readable, Writable} from 'node:stream'
import {fileURLToPath} from 'node:url'
import {onTestFinished} from 'vitest'
import {scratchFolder} from '../scratch/scratch-folder.ts'

const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

export interface TerminalOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** What the shell does with the program's streams, such as `>out` or `</dev/null`. */
  readonly redirections?: string
  /** 80 unless told. */
  readonly columns?: number
}

export interface TerminalRun {
  readonly code: number | null
  /** Everything that was drawn, in order, as the terminal received it. */
  readonly screen: string
}

/** A ferry whose streams are a real pseudo-terminal, made by util-linux' script. */
export interface TerminalFerry {
  readonly done: Promise<TerminalRun>
  /** Resolves with the screen as soon as it matches. */
  until(pattern: RegExp): Promise<string>
  /** Sends keys; '\x03' is ^C. */
  press(keys: string): void
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

function spawnOnTerminal(
  args: readonly string[],
  options: TerminalOptions
): ChildProcessByStdio<Writable, Readable, null> {
  const {env = {}, cwd = scratchFolder(), redirections = '', columns = 80} = options
  const home = env['FERRY_HOME'] ?? scratchFolder()
  const words = [process.execPath, binary, ...args].map(quoted).join(' ')
  const command = `stty cols ${columns} rows 24; exec ${words} ${redirections}`
  return spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
    cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      FERRY_HOME: home,
      LANG: 'C.UTF-8',
      TERM: 'xterm',
      SHELL: '/bin/sh',
      ...env
    },
    stdio: ['pipe', 'pipe', 'inherit']
  })
}

/** Starts the built binary on a terminal of 24 lines. */
export function startOnTerminal(args: readonly string[], options: TerminalOptions = {}): TerminalFerry {
  const child = spawnOnTerminal(args, options)
  const pieces: Buffer[] = []
  const screen = (): string => Buffer.concat(pieces).toString()
  const waiting = new Set<() => void>()
  child.stdout.on('data', (piece: Buffer) => {
    pieces.push(piece)
    for (const look of waiting) look()
  })
  child.stdin.on('error', () => {})
  const done = new Promise<TerminalRun>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({code, screen: screen()}))
  })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await done.catch(() => {})
  })
  return {
    done,
    until: pattern =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(screen())) return
          waiting.delete(look)
          resolve(screen())
        }
        waiting.add(look)
        look()
        void done.then(() => reject(new Error(`ferry ended without ${pattern} in: ${screen()}`)))
      }),
    press: keys => void child.stdin.write(keys)
  }
}

/** Runs the built binary on a terminal to its end. */
export function runOnTerminal(args: readonly string[], options: TerminalOptions = {}): Promise<TerminalRun> {
  return startOnTerminal(args, options).done
}
