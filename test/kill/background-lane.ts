import {randomBytes} from 'node:crypto'
import {mkdirSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {DraftServer} from '../resumable-upload/draft-server.ts'
import {BackgroundHome} from './background-home.ts'
import {loopSnapshot, makeOrders, session} from './background-orders.ts'
import type {Order} from './background-orders.ts'
import type {BackgroundServer} from './background-server.ts'
import {retellingFaults, storyFaults} from './background-story.ts'
import type {Line} from './background-story.ts'
import {fileFaults, ownerFaults, stateFaults, uploadFaults} from './background-verdict.ts'
import {Listener} from './listener.ts'

/** What came of one round. */
export interface BackgroundRound {
  /** Daemons that were killed, and how many of those were at work. */
  kills: number
  midTransfer: number
  /** Bytes that the server sent beyond one copy of each file. */
  twice: number
  readonly faults: string[]
}

export interface LaneParts {
  readonly root: string
  readonly program: string
  readonly server: BackgroundServer
  readonly drafts: DraftServer
}

const mostKills = 4
const patience = 60_000
const secretsPatience = 3000
const beginning = 2500
// Any of them has to bring the daemon back.
const revivals = [['tasks'], ['tasks', '--all', '--json'], ['sessions'], ['sessions', 'show', session]]

/** One of the daemons that are killed side by side, with a home and servers of its own. */
export class BackgroundLane {
  readonly #parts: LaneParts
  readonly #home: BackgroundHome
  readonly #secret = `loop-secret-${randomBytes(12).toString('hex')}`
  #usual = 1500

  constructor(parts: LaneParts) {
    this.#parts = parts
    this.#home = new BackgroundHome({folder: join(parts.root, 'home'), program: parts.program})
  }

  /** How long an undisturbed round takes, the second time. */
  async measure(random: () => number): Promise<void> {
    for (const number of [90_000, 90_001]) {
      const round = emptyRound()
      const orders = this.#prepare({number, random})
      await this.#submit(orders)
      const started = performance.now()
      await this.#untilDone(round)
      this.#usual = performance.now() - started
      await this.#judge(orders, {round, heard: []})
      if (round.faults.length > 0) throw new Error(`An undisturbed round fails: ${round.faults.join('\n')}`)
    }
  }

  /** Kills the daemon some times while it works, brings it back, and compares everything with what has to be. */
  async round(number: number, random: () => number): Promise<BackgroundRound> {
    const round = emptyRound()
    const orders = this.#prepare({number, random})
    const watch = this.#watchOwners(round)
    const listener = new Listener(this.#home.client, session)
    try {
      const early = random() < 0.25 ? this.#killAfter(random() * 400, round) : undefined
      // Whoever is told that there is no daemon tries again; what was taken over is not taken twice.
      await this.#submit(orders).catch(error => (early ? this.#submit(orders) : Promise.reject(error)))
      await early
      if (random() < 0.5) listener.listen()
      do {
        await this.#killAfter(random() * this.#usual, round)
        await this.#revive(random, round)
      } while (round.kills < mostKills && random() < 0.6)
      await this.#untilDone(round)
      await this.#judge(orders, {round, heard: await listener.leave()})
    } catch (error) {
      round.faults.push(error instanceof Error ? error.message : String(error))
    } finally {
      await listener.leave()
      clearInterval(watch)
      this.#home.kill()
    }
    return round
  }

  #prepare({number, random}: {number: number; random: () => number}): readonly Order[] {
    const {root, server, drafts} = this.#parts
    this.#home.empty()
    const [downloads, sources] = [join(root, 'd'), join(root, 's')]
    for (const folder of [downloads, sources]) {
      rmSync(folder, {recursive: true, force: true})
      mkdirSync(folder, {recursive: true})
    }
    server.take()
    drafts.resources.splice(0)
    const orders = makeOrders({
      number,
      random,
      downloads,
      sources,
      uploads: this.#home.uploads,
      secret: this.#secret,
      url: path => server.url(path),
      resumableUrl: path => drafts.url(path)
    })
    for (const {served} of orders) if (served) server.serve(served)
    return orders
  }

  async #submit(orders: readonly Order[]): Promise<void> {
    const tasks = orders.map(({submitted}) => submitted)
    await this.#home.client.submit({session, snapshot: loopSnapshot(this.#secret), tasks})
  }

  async #killAfter(delay: number, round: BackgroundRound): Promise<void> {
    await sleep(delay)
    if (this.#home.daemons.some(({isOwner}) => isOwner)) {
      round.kills += 1
      if (this.#parts.server.underway > 0) round.midTransfer += 1
    }
    this.#home.kill()
  }

  // Several at once, as in several terminals: one daemon must come of it.
  async #revive(random: () => number, round: BackgroundRound): Promise<void> {
    const count = 1 + Math.floor(random() ** 2 * 3)
    const words = Array.from({length: count}, () => revivals[Math.floor(random() * revivals.length)] ?? [])
    const runs = await Promise.all(words.map(each => this.#home.ferry(each)))
    for (const [index, {code, complaints}] of runs.entries())
      if (code !== 0) round.faults.push(`ferry ${words[index]?.join(' ')} ends with ${code}: ${complaints}`)
  }

  #watchOwners(round: BackgroundRound): NodeJS.Timeout {
    return setInterval(() => round.faults.push(...ownerFaults(this.#home.daemons)), 50)
  }

  async #untilDone(round: BackgroundRound): Promise<void> {
    const deadline = performance.now() + patience
    for (let looked = performance.now(); performance.now() < deadline; await sleep(50)) {
      const [standing] = await this.#home.client.sessions()
      if (standing && standing.daemon.tasks.waiting + standing.daemon.tasks.running === 0) return
      // One that was killed while it began is started by the next command, after a moment.
      if (performance.now() - looked < beginning || this.#home.daemons.length > 0) continue
      looked = performance.now()
      await this.#home.ferry(['tasks'])
    }
    const left = JSON.stringify((await this.#home.client.sessions())[0]?.daemon)
    round.faults.push(`after ${patience} ms there is something to do: ${left}\n${this.#home.log}`)
  }

  async #judge(
    orders: readonly Order[],
    {round, heard}: {round: BackgroundRound; heard: readonly Line[]}
  ): Promise<void> {
    const {faults} = round
    const {root, server} = this.#parts
    faults.push(...(await this.#secretFaults()))
    const told = await this.#attach(faults)
    const ends = new Map(orders.map(({submitted, state}) => [submitted.id, state]))
    faults.push(...storyFaults(told, ends), ...retellingFaults(heard, told))
    faults.push(...fileFaults(join(root, 'd'), orders), ...uploadFaults(orders, this.#parts))
    faults.push(...stateFaults(this.#home.state))
    const sources = readdirSync(join(root, 's')).length
    if (sources !== orders.filter(({what}) => what !== 'download').length)
      faults.push(`${sources} files are left that were to be sent`)
    const seen = server.take()
    faults.push(...seen.faults)
    const whole = orders.filter(({what, state}) => what === 'download' && state === 'completed')
    round.twice = seen.sent - whole.reduce((sum, {content}) => sum + content.length, 0)
  }

  /** All that is told, as a program hears it; then it is acknowledged. */
  async #attach(faults: string[]): Promise<readonly Line[]> {
    let token: string | undefined
    const attached = await this.#home.ferry(['sessions', 'attach', session], async line => {
      if (token !== undefined || line.event !== 'session.eventsFinished') return
      token = line.token ?? ''
      const {code, complaints} = await this.#home.ferry(['sessions', 'ack', session, token])
      if (code !== 0) faults.push(`ack ends with ${code}: ${complaints}`)
    })
    if (attached.code !== 0) faults.push(`attach ends with ${attached.code}: ${attached.complaints}`)
    if (attached.lines.at(-1)?.event !== 'session.invalidated')
      faults.push('attach ends without a last event')
    return attached.lines
  }

  // With the last task that needs them the secrets go; who reads the journal at that time can hold it up for a moment.
  async #secretFaults(): Promise<readonly string[]> {
    for (const deadline = performance.now() + secretsPatience; ; await sleep(100)) {
      const left = this.#home.filesWith(this.#secret)
      if (left.length === 0 || performance.now() > deadline)
        return left.map(name => `a secret is left in ${name}`)
    }
  }
}

function emptyRound(): BackgroundRound {
  return {kills: 0, midTransfer: 0, twice: 0, faults: []}
}
