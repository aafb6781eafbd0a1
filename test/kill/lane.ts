import {spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {seededBytes} from '../origin/seeded-bytes.ts'
import type {Driver} from './driver.ts'
import type {PacedResource} from './paced-origin.ts'

/** What came of one round. */
export interface Round {
  kills: number
  midTransfer: number
  /** Times the target was neither absent nor right. */
  wrong: number
  /** Files beside the target when all was done. */
  orphans: number
  /** Bytes that the origin sent beyond the size of the resource. */
  twice: number
  readonly faults: string[]
}

const mostKills = 3
// Longer than any start of a process and any transfer here.
const patience = 60_000

/** One of the transfers that are killed side by side: a resource, a folder, and the program's own state. */
export class Lane {
  readonly #driver: Driver
  readonly #resource: PacedResource
  readonly #url: string
  readonly #root: string
  readonly #digest: string
  #usual = 1000

  constructor(place: {driver: Driver; resource: PacedResource; url: string; root: string}) {
    this.#driver = place.driver
    this.#resource = place.resource
    this.#url = place.url
    this.#root = place.root
    const {size, seed} = place.resource.body
    this.#digest = sha256(seededBytes(size, seed))
  }

  get #folder(): string {
    return join(this.#root, 'd')
  }

  /** How long an undisturbed run takes, the second time. */
  async measure(): Promise<void> {
    for (let run = 0; run < 2; run++) {
      this.#clean()
      const started = performance.now()
      const {code, complaints} = await this.#run('get')
      if (code !== 0 || this.#target() !== 'right') throw new Error(`An undisturbed run fails: ${complaints}`)
      this.#usual = performance.now() - started
    }
  }

  /** fresh: the first kill meets an empty folder. begun: it meets what a lost connection left. */
  async round(random: () => number, before: 'fresh' | 'begun'): Promise<Round> {
    const round: Round = {kills: 0, midTransfer: 0, wrong: 0, orphans: 0, twice: 0, faults: []}
    this.#clean()
    this.#resource.sent = 0
    if (before === 'begun') await this.#begin(random)
    do {
      await this.#run(this.#how(random), {after: random() * this.#usual, round})
      if (this.#target() === 'wrong') round.wrong += 1
    } while (round.kills < mostKills && !this.#isDone() && random() < 0.4)
    if (!this.#isDone()) await this.#finish(random, round)
    if (this.#target() !== 'right') round.wrong += 1
    const orphans = readdirSync(this.#folder).filter(name => name !== 'F')
    if (orphans.length > 0) round.faults.push(`left behind: ${orphans.join(', ')}`)
    round.orphans = orphans.length
    round.twice = Math.max(0, this.#resource.sent - this.#resource.body.size)
    return round
  }

  async #finish(random: () => number, round: Round): Promise<void> {
    const {code, complaints} = await this.#run(this.#how(random))
    if (code !== 0) round.faults.push(`the last run ends with ${code}: ${complaints}`)
  }

  #isDone(): boolean {
    return this.#target() === 'right' && readdirSync(this.#folder).length === 1
  }

  async #begin(random: () => number): Promise<void> {
    this.#resource.cutAt = Math.floor(random() * this.#resource.body.size)
    await this.#run('get')
    this.#resource.cutAt = undefined
  }

  // Where there is resume data, either command continues it; once the file is there, only get is left to try.
  #how(random: () => number): 'get' | 'resume' {
    const isResumable = existsSync(join(this.#folder, 'F.ferry')) && existsSync(join(this.#folder, 'F.part'))
    return isResumable && random() < 0.5 ? 'resume' : 'get'
  }

  async #run(
    how: 'get' | 'resume',
    kill?: {after: number; round: Round}
  ): Promise<{code: number | null; complaints: string}> {
    const words = this.#driver[how](this.#url, this.#folder)
    const env = {
      ...process.env,
      FERRY_HOME: join(this.#root, 'home'),
      NODE_COMPILE_CACHE: join(this.#root, 'compiled')
    }
    const child = spawn(process.execPath, words, {env, stdio: ['ignore', 'ignore', 'pipe']})
    let complaints = ''
    child.stderr.on('data', (text: Buffer) => (complaints += text.toString()))
    const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
    const watch = setTimeout(() => child.kill('SIGKILL'), patience)
    if (kill) {
      await Promise.race([sleep(kill.after), ended])
      if (child.exitCode === null && child.signalCode === null) {
        kill.round.kills += 1
        if (this.#resource.isSending) kill.round.midTransfer += 1
        child.kill('SIGKILL')
      }
    }
    const code = await ended
    clearTimeout(watch)
    return {code, complaints}
  }

  #clean(): void {
    rmSync(this.#folder, {recursive: true, force: true})
    mkdirSync(this.#folder, {recursive: true})
  }

  #target(): 'absent' | 'right' | 'wrong' {
    const path = join(this.#folder, 'F')
    if (!existsSync(path)) return 'absent'
    return sha256(readFileSync(path)) === this.#digest ? 'right' : 'wrong'
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
