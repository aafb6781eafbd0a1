import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

/** What a server has of one upload: every stretch of bytes in the order of arrival. */
export interface Stored {
  readonly content: Buffer
  readonly isComplete: boolean
  readonly stretches: readonly {readonly first: number; readonly end: number}[]
}

/** A server that uploads of a lane go to. */
export interface UploadPlace {
  readonly name: string
  readonly url: string
  /** Flags of upload that this server needs. */
  readonly words: readonly string[]
  /** The uploads since the last call. */
  take(): readonly Stored[]
  /** Does content come in at this moment? */
  isReceiving(): boolean
}

/** What came of one round. */
export interface UploadRound {
  /** Some end before they are killed. */
  runs: number
  kills: number
  midTransfer: number
  /** Bytes that came again although the server had them. */
  twice: number
  /** Uploads that a kill left behind before anybody knew of them. */
  abandoned: number
  readonly faults: string[]
}

const mostKills = 3
// Longer than any start of a process and any transfer here.
const patience = 60_000

/** One of the uploads that are killed side by side: a file, a server, and the program's own state. */
export class UploadLane {
  readonly #place: UploadPlace
  readonly #program: string
  readonly #root: string
  readonly #content: Buffer
  readonly #rate: number
  #usual = 1000

  constructor(lane: {place: UploadPlace; program: string; root: string; content: Buffer; rate: number}) {
    this.#place = lane.place
    this.#program = lane.program
    this.#root = lane.root
    this.#content = lane.content
    this.#rate = lane.rate
    mkdirSync(lane.root, {recursive: true})
    writeFileSync(this.#file, lane.content)
  }

  get #file(): string {
    return join(this.#root, 'F')
  }

  get #records(): string {
    return join(this.#root, 'home', 'state', 'uploads')
  }

  /** How long an undisturbed run takes, the second time. */
  async measure(): Promise<void> {
    for (let run = 0; run < 2; run++) {
      const started = performance.now()
      const {code, complaints} = await this.#run('upload')
      const [stored] = this.#place.take()
      if (code !== 0 || !stored || !this.#isRight(stored))
        throw new Error(`${this.#place.name}: an undisturbed run fails (${code}): ${complaints}`)
      this.#usual = performance.now() - started
    }
  }

  /** Kills, continues with either command, and compares what the server has. */
  async round(random: () => number): Promise<UploadRound> {
    const round: UploadRound = {runs: 0, kills: 0, midTransfer: 0, twice: 0, abandoned: 0, faults: []}
    rmSync(this.#records, {recursive: true, force: true})
    this.#place.take()
    do {
      round.runs += 1
      await this.#run(this.#how(random), {after: random() * this.#usual, round})
    } while (round.kills < mostKills && random() < 0.5)
    const {code, complaints} = await this.#run(this.#how(random))
    if (code !== 0) round.faults.push(`the last run ends with ${code}: ${complaints}`)
    this.#judge(round)
    return round
  }

  #judge(round: UploadRound): void {
    const uploads = this.#place.take()
    const complete = uploads.filter(({isComplete}) => isComplete)
    round.abandoned = uploads.length - complete.length
    if (complete.length === 0) round.faults.push('no upload is complete')
    if (complete.length > round.runs + 1) round.faults.push(`${complete.length} uploads are complete`)
    if (!complete.every(stored => this.#isRight(stored)))
      round.faults.push('a stored file is not the one sent')
    for (const {stretches} of uploads) round.twice += overlap(stretches)
    if (round.twice > 0) round.faults.push(`${round.twice} bytes were stored twice`)
    const left = this.#recordNames()
    if (left.length > 0) round.faults.push(`left behind: ${left.join(', ')}`)
  }

  #isRight({content}: Stored): boolean {
    return content.equals(this.#content)
  }

  #recordNames(): readonly string[] {
    return existsSync(this.#records) ? readdirSync(this.#records) : []
  }

  #how(random: () => number): 'upload' | 'resume' {
    const isResumable = this.#recordNames().some(name => name.endsWith('.ferry'))
    return isResumable && random() < 0.5 ? 'resume' : 'upload'
  }

  #words(how: 'upload' | 'resume'): readonly string[] {
    const record = this.#recordNames().find(name => name.endsWith('.ferry'))
    const pace = ['--limit-rate', String(this.#rate), '--retry', '0', '-s', '-S']
    return how === 'resume' && record !== undefined
      ? ['resume', join(this.#records, record), ...pace]
      : ['upload', this.#file, this.#place.url, ...this.#place.words, ...pace]
  }

  async #run(
    how: 'upload' | 'resume',
    kill?: {after: number; round: UploadRound}
  ): Promise<{code: number | null; complaints: string}> {
    const env = {
      ...process.env,
      FERRY_HOME: join(this.#root, 'home'),
      NODE_COMPILE_CACHE: join(this.#root, 'compiled')
    }
    const words = [this.#program, ...this.#words(how)]
    const child = spawn(process.execPath, words, {env, stdio: ['ignore', 'ignore', 'pipe']})
    let complaints = ''
    child.stderr.on('data', (text: Buffer) => (complaints += text.toString()))
    const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
    const watch = setTimeout(() => child.kill('SIGKILL'), patience)
    if (kill) {
      await Promise.race([sleep(kill.after), ended])
      if (child.exitCode === null && child.signalCode === null) {
        kill.round.kills += 1
        if (this.#place.isReceiving()) kill.round.midTransfer += 1
        child.kill('SIGKILL')
      }
    }
    const code = await ended
    clearTimeout(watch)
    return {code, complaints}
  }
}

function overlap(stretches: Stored['stretches']): number {
  let end = 0
  let twice = 0
  for (const stretch of stretches) {
    twice += Math.max(0, end - stretch.first)
    end = Math.max(end, stretch.end)
  }
  return twice
}
