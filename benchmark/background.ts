// What ten thousand tasks cost the background service: `npm run benchmark:background -- --tasks 10000`.
import {spawn} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {BackgroundClient} from '../src/control/background/daemon/background-client.ts'
import {startDaemon} from '../src/control/background/daemon/start-daemon.ts'
import type {Snapshot, SubmittedTask} from '../src/control/background/submission.ts'
import {SessionConfiguration} from '../src/engine/index.ts'

const usage = `npm run benchmark:background -- [--tasks N] [--running N]
  --tasks N     tasks that wait (10000)
  --running N   others that run after that (2000)
`
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const session = 'background'
const looks = 5

/** One figure, and what it may be at most. */
interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: 'ms' | 'MiB' | 'tasks a second'
  readonly most?: number
}

/** How many tasks there are. */
interface Load {
  readonly tasks: number
  readonly running: number
}

function readWords(): Load {
  const {values} = parseArgs({options: {tasks: {type: 'string'}, running: {type: 'string'}}})
  const [tasks = 0, running = 0] = [values.tasks ?? 10_000, values.running ?? 2000].map(Number)
  if (![tasks, running].every(number => Number.isSafeInteger(number) && number > 0)) throw new Error(usage)
  return {tasks, running}
}

/** A home with its daemon, and a server with one small file. */
class Bench {
  readonly client: BackgroundClient
  readonly #root: string
  readonly #url: string
  readonly #environment: NodeJS.ProcessEnv
  #made = 0

  constructor(root: string, url: string) {
    this.#root = root
    this.#url = url
    this.#environment = {...process.env, FERRY_HOME: join(root, 'home')}
    const places = {state: join(root, 'home', 'state'), runtime: join(root, 'home', 'run')}
    const command = [process.execPath, program, 'daemon', 'run'] as const
    const start = {places, command, environment: this.#environment}
    this.client = new BackgroundClient({places, start: () => startDaemon(start)})
  }

  async submit(count: number, earliestBegin: number | null): Promise<void> {
    const {keys} = SessionConfiguration.background(session, {})
    const snapshot = JSON.parse(JSON.stringify({keys, onComplete: null, environment: {}})) as Snapshot
    const tasks = Array.from({length: count}, () => this.#task(earliestBegin))
    await this.client.submit({session, snapshot, tasks})
  }

  /** Milliseconds, and what was printed. */
  async ferry(...words: readonly string[]): Promise<{took: number; stdout: string}> {
    const started = performance.now()
    const child = spawn(process.execPath, [program, ...words], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const pieces: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
    const code = await new Promise(resolve => child.once('close', resolve))
    if (code !== 0) throw new Error(`ferry ${words.join(' ')} ended with ${code}`)
    return {took: performance.now() - started, stdout: Buffer.concat(pieces).toString()}
  }

  /** The median of some runs. */
  async median(...words: readonly string[]): Promise<number> {
    const times: number[] = []
    for (let look = 0; look <= looks; look++) times.push((await this.ferry(...words)).took)
    return times.slice(1).toSorted((a, b) => a - b)[looks >> 1] ?? Number.NaN
  }

  async facts(): Promise<{running: boolean; pid: number; tasks: Readonly<Record<string, number>>}> {
    return JSON.parse((await this.ferry('daemon', 'status', '--json')).stdout) as Awaited<
      ReturnType<Bench['facts']>
    >
  }

  /** Bytes of memory that the daemon has occupied at most, as the kernel has seen it. */
  async peak(): Promise<number> {
    const {pid} = await this.facts()
    const kibibytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kibibytes) * 1024
  }

  #task(earliestBegin: number | null): SubmittedTask {
    const number = this.#made++
    const request = {url: `${this.#url}/${number}`, method: 'GET', headers: []}
    const options = {
      directory: join(this.#root, 'downloads'),
      fileName: String(number),
      createDirectories: true
    }
    return {
      id: `bench${String(number).padStart(6, '0')}`,
      work: {kind: 'download', request, options},
      label: null,
      priority: 0.5,
      earliestBegin
    }
  }
}

async function measure(bench: Bench, {tasks, running}: Load): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  const note = (figure: Figure): void => {
    figures.push(figure)
    process.stdout.write(`${lineOf(figure)}\n`)
  }
  const mebibytes = async (): Promise<number> => (await bench.peak()) / 1024 ** 2
  await bench.client.wake()
  let started = performance.now()
  await bench.submit(tasks, Date.now() + 24 * 3600 * 1000)
  note({what: 'handing over one of many', value: (performance.now() - started) / tasks, unit: 'ms', most: 5})
  note({what: 'memory with all of them waiting', value: await mebibytes(), unit: 'MiB', most: 150})
  note({what: 'ferry tasks', value: await bench.median('tasks'), unit: 'ms', most: 300})
  note({what: 'ferry tasks --json', value: await bench.median('tasks', '--json'), unit: 'ms', most: 300})
  note({what: 'memory after that', value: await mebibytes(), unit: 'MiB', most: 150})
  process.kill((await bench.facts()).pid, 'SIGKILL')
  started = performance.now()
  await bench.client.wake()
  const {tasks: counts} = await bench.facts()
  if (counts['waiting'] !== tasks) throw new Error(`After a restart ${counts['waiting']} tasks wait`)
  note({
    what: 'start after a kill, until it answers',
    value: performance.now() - started,
    unit: 'ms',
    most: 2000
  })
  started = performance.now()
  await bench.submit(running, null)
  while ((await bench.facts()).tasks['completed'] !== running) await sleep(1000)
  const seconds = (performance.now() - started) / 1000
  note({what: 'small downloads', value: running / seconds, unit: 'tasks a second'})
  note({what: 'memory when some have run', value: await mebibytes(), unit: 'MiB', most: 150})
  const all = `ferry tasks --all, with ${tasks + running}`
  note({what: all, value: await bench.median('tasks', '--all'), unit: 'ms'})
  await bench.ferry('daemon', 'stop')
  return figures
}

function lineOf({what, value, unit, most}: Figure): string {
  const goal = most === undefined ? '' : ` (at most ${most}${value > most ? ': MISSED' : ''})`
  return `${what}: ${value < 10 ? value.toFixed(2) : Math.round(value)} ${unit}${goal}`
}

const load = readWords()
const root = mkdtempSync(join(tmpdir(), 'ferry-bb-'))
const server = createServer((_request, response) => response.end('a small file'.repeat(100)))
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const {port} = server.address() as AddressInfo
const bench = new Bench(root, `http://127.0.0.1:${port}`)
try {
  const figures = await measure(bench, load)
  process.exitCode = figures.some(({value, most = Infinity}) => value > most) ? 1 : 0
} finally {
  const {running, pid} = await bench.facts()
  if (running) process.kill(pid, 'SIGKILL')
  server.closeAllConnections()
  server.close()
  rmSync(root, {recursive: true, force: true})
}
