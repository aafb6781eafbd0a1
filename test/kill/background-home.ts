import {spawn} from 'node:child_process'
import {existsSync, readFileSync, readdirSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {BackgroundClient} from '../../src/control/background/daemon/background-client.ts'
import {startDaemon} from '../../src/control/background/daemon/start-daemon.ts'
import type {Line} from './background-story.ts'
import {livingDaemons} from './living-daemons.ts'
import type {LivingDaemon} from './living-daemons.ts'

/** How a command has ended. */
export interface CommandRun {
  readonly code: number | null
  readonly complaints: string
  /** What attach has printed. */
  readonly lines: readonly Line[]
}

// Longer than anything takes here.
const patience = 60_000

/** A FERRY_HOME with its daemons, whom anybody may kill. */
export class BackgroundHome {
  readonly folder: string
  readonly client: BackgroundClient
  readonly #program: string

  constructor({folder, program}: {folder: string; program: string}) {
    this.folder = folder
    this.#program = program
    const places = {state: this.state, runtime: join(folder, 'run')}
    const command = [process.execPath, program, 'daemon', 'run'] as const
    const start = {places, command, environment: this.#environment}
    this.client = new BackgroundClient({places, start: () => startDaemon(start)})
  }

  get state(): string {
    return join(this.folder, 'state')
  }

  /** Where uploads keep their resume data. */
  get uploads(): string {
    return join(this.state, 'uploads')
  }

  get daemons(): readonly LivingDaemon[] {
    return livingDaemons({program: this.#program, home: this.folder})
  }

  /** The daemon's own words. */
  get log(): string {
    const path = join(this.state, 'background', 'daemon.log')
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }

  kill(): void {
    for (const {pid} of this.daemons) process.kill(pid, 'SIGKILL')
  }

  /** Leaves only what makes commands start faster. */
  empty(): void {
    this.kill()
    for (const folder of [this.state, join(this.folder, 'run')])
      rmSync(folder, {recursive: true, force: true})
  }

  /** Names of the files that hold these bytes. */
  filesWith(bytes: string): readonly string[] {
    const names = readdirSync(this.folder, {recursive: true, encoding: 'utf8'})
    const files = names.filter(name => statSync(join(this.folder, name), {throwIfNoEntry: false})?.isFile())
    return files.filter(name => readFileSync(join(this.folder, name)).includes(bytes))
  }

  async ferry(words: readonly string[], heed?: (line: Line) => Promise<void>): Promise<CommandRun> {
    const child = spawn(process.execPath, [this.#program, ...words], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const watch = setTimeout(() => child.kill('SIGKILL'), patience)
    const [complaints, said]: [Buffer[], string[]] = [[], []]
    const lines: Line[] = []
    const heeded: Promise<void>[] = []
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
    child.stdout.on('data', (chunk: Buffer) => {
      if (!heed) return
      const parts = `${said.pop() ?? ''}${chunk.toString()}`.split('\n')
      said.push(parts.pop() ?? '')
      for (const part of parts) {
        const line = JSON.parse(part) as Line
        lines.push(line)
        heeded.push(heed(line))
      }
    })
    const code = await new Promise<number | null>(resolve => child.once('close', resolve))
    clearTimeout(watch)
    await Promise.all(heeded)
    return {code, complaints: Buffer.concat(complaints).toString(), lines}
  }

  get #environment(): NodeJS.ProcessEnv {
    return {...process.env, FERRY_HOME: this.folder}
  }
}
