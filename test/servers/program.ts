import type {ChildProcess} from 'node:child_process'
import {spawn} from 'node:child_process'
import {accessSync, constants} from 'node:fs'
import {connect, createServer} from 'node:net'
import type {AddressInfo} from 'node:net'
import {delimiter, join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

/** A server program of this machine, and the Debian package that brings it. */
export interface Installed {
  readonly name: string
  readonly package: string
}

// Debian keeps servers in /usr/sbin, which is not on everybody's path.
const folders = (): string[] => [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin']

/** The program's path. Throws what to install: a missing server is a failure, never a test left out. */
export function locateProgram({name, package: wanted}: Installed): string {
  for (const folder of folders()) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      continue
    }
  }
  throw new Error(`${name} is not installed; install ${wanted} (apt-get install ${wanted})`)
}

/** A port of the loopback interface that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const {port} = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

/** A server that runs in the foreground as a child of the tests. */
export class Program {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #words = ''

  /** The environment is that of the tests, and what is given on top of it. */
  constructor(path: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = {...process.env, ...environment}
    this.#child = spawn(path, args, {env, stdio: ['ignore', 'pipe', 'pipe']})
    this.#child.stdout?.on('data', this.#hear)
    this.#child.stderr?.on('data', this.#hear)
    this.#ended = new Promise(resolve => {
      this.#child.once('error', () => resolve())
      this.#child.once('exit', () => resolve())
    })
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resolves when a port takes connections; rejects with the program's own words if it ends before. */
  async untilListening(port: number): Promise<void> {
    for (let attempt = 0; attempt < 1000; attempt++) {
      if (await answers(port)) return
      if (!this.isRunning) throw new Error(`The server ended: ${this.#words}`)
      await sleep(20)
    }
    throw new Error(`The server does not listen: ${this.#words}`)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Ends it, frozen or not, and waits until it is gone. */
  async stop(): Promise<void> {
    if (!this.isRunning) return
    this.#child.kill('SIGCONT')
    this.#child.kill('SIGTERM')
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), 5000)
    await this.#ended
    clearTimeout(impatience)
  }

  readonly #hear = (words: Buffer): void => {
    this.#words += words.toString()
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
