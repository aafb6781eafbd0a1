import {appendFileSync, existsSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import fc from 'fast-check'
import {expect, it} from 'vitest'
import type {DownloadTask, TaskOutcome} from '../../../src/engine/index.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import type {Fault, Resource} from '../../origin/resource.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, Stage} from './stage.ts'

/** What kind of server it is, for as long as a story goes. */
interface Manners {
  readonly validator: 'tag' | 'tagAndDate' | 'date' | 'freshDate' | 'weakTag' | 'none'
  readonly ranges: 'honoured' | 'ignored'
  readonly ifRange: 'honoured' | 'ignored'
  readonly framing: 'length' | 'chunked'
}

const liesToTell = [
  'later',
  'earlier',
  'shorter',
  'noTotal',
  'noRange',
  'multipart',
  'silent',
  'encoded',
  'busy'
] as const
type Lie = 'none' | (typeof liesToTell)[number]
type End = 'whole' | 'cut' | 'fail' | 'pause' | 'cancel' | 'changeWhileCut'

/** One event: a transfer that meets a fault, a new version at the server, or an accident with the files. */
type Step =
  | {readonly kind: 'get' | 'resume'; readonly end: End; readonly at: number; readonly lie: Lie}
  | {readonly kind: 'change'; readonly size: number | 'same'}
  | {readonly kind: 'lose' | 'shorten' | 'lengthen' | 'forget'}

interface Story {
  readonly manners: Manners
  readonly size: number
  readonly steps: readonly Step[]
}

const size = fc.oneof(
  {weight: 12, arbitrary: fc.integer({min: 1, max: 2000})},
  {weight: 3, arbitrary: fc.constant(1000)},
  {weight: 1, arbitrary: fc.integer({min: 60_000, max: 400_000})},
  {weight: 1, arbitrary: fc.integer({min: 1_100_000, max: 1_300_000})}
)

const transfer = fc.record({
  kind: fc.constantFrom('get', 'resume'),
  end: fc.constantFrom<End[]>('fail', 'fail', 'pause', 'cut', 'changeWhileCut', 'whole', 'cancel'),
  at: fc.double({min: 0, max: 1, noNaN: true}),
  lie: fc.oneof(
    {weight: 1, arbitrary: fc.constant<Lie>('none')},
    {
      weight: 1,
      arbitrary: fc.constantFrom<Lie[]>(...liesToTell)
    }
  )
})

const step: fc.Arbitrary<Step> = fc.oneof(
  {weight: 5, arbitrary: transfer},
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      size: fc.oneof(fc.constant('same' as const), size)
    })
  },
  {weight: 1, arbitrary: fc.record({kind: fc.constantFrom('lose', 'shorten', 'lengthen', 'forget')})}
)

const story: fc.Arbitrary<Story> = fc.record({
  manners: fc.record({
    validator: fc.constantFrom('tag', 'tag', 'tagAndDate', 'date', 'freshDate', 'weakTag', 'none'),
    ranges: fc.constantFrom('honoured', 'honoured', 'honoured', 'ignored'),
    ifRange: fc.constantFrom('honoured', 'ignored'),
    framing: fc.constantFrom('length', 'length', 'chunked')
  }),
  size,
  steps: fc.array(step, {minLength: 3, maxLength: 10})
})

const day = 24 * 3600 * 1000

function describeVersion(
  {validator, ranges, ifRange, framing}: Manners,
  bytes: Buffer,
  version: number
): Resource {
  const modified = Date.UTC(2026, 0, 1) + version * day
  const replied = modified + (validator === 'freshDate' ? 10_000 : 3600_000)
  const isDated = validator === 'date' || validator === 'freshDate' || validator === 'tagAndDate'
  return {
    body: bytes,
    ranges,
    ifRange,
    framing,
    date: new Date(replied).toUTCString(),
    ...(isDated ? {lastModified: new Date(modified).toUTCString()} : {}),
    ...(validator === 'tag' || validator === 'tagAndDate' ? {entityTag: `"v${version}"`} : {}),
    ...(validator === 'weakTag' ? {entityTag: `W/"v${version}"`} : {})
  }
}

const lies: Readonly<Record<Lie, Fault>> = {
  none: {},
  later: {shiftRange: 3},
  earlier: {shiftRange: -50},
  shorter: {shortenRange: 40},
  noTotal: {totalInRange: '*'},
  noRange: {headers: {'content-range': undefined}},
  multipart: {rangeForm: 'multipart'},
  silent: {headers: {etag: undefined, 'last-modified': undefined}},
  encoded: {headers: {'content-encoding': 'gzip'}},
  busy: {status: 503}
}

/** A story under way: the versions that were ever served, and what F may be. */
class Telling {
  readonly stage: Stage
  readonly #origin: Origin
  readonly #manners: Manners
  readonly #versions: Buffer[] = []

  constructor(origin: Origin, {manners, size: first}: Story) {
    this.stage = new Stage(origin, {configuration: {retry: {attempts: 2, delay: 0.001}}})
    this.#origin = origin
    this.#manners = manners
    writeFileSync(this.stage.target, 'what was there before')
    this.#change(first)
  }

  get #length(): number {
    return this.#versions.at(-1)?.length ?? 0
  }

  get latest(): string {
    return digestOf(this.#versions.at(-1) ?? Buffer.alloc(0))
  }

  async play(next: Step): Promise<void> {
    if (next.kind === 'change') return this.#change(next.size === 'same' ? this.#length : next.size)
    if (next.kind === 'get' || next.kind === 'resume') return this.#transfer(next)
    const {partial, resumeData} = this.stage
    if (next.kind === 'forget') rmSync(resumeData, {force: true})
    if (!existsSync(partial)) return
    if (next.kind === 'lose' || next.kind === 'forget') rmSync(partial)
    else if (next.kind === 'shorten') truncateSync(partial, Math.floor(statSync(partial).size / 2))
    else appendFileSync(partial, 'bytes of somebody else')
  }

  /** The file is what it was, or one version from its first byte to its last. */
  check(): void {
    const allowed = ['what was there before', ...this.#versions].map(bytes => digestOf(Buffer.from(bytes)))
    expect(allowed).toContain(this.stage.content)
    expect(this.stage.files.filter(name => !/^F(\.ferry|\.part(-[0-9a-f]{16})?)?$/.test(name))).toEqual([])
  }

  serve(...faults: Fault[]): void {
    const version = this.#versions.length
    const bytes = this.#versions.at(-1) ?? Buffer.alloc(0)
    this.#origin.change('/F', {...describeVersion(this.#manners, bytes, version), faults})
  }

  #change(bytes: number): void {
    this.#versions.push(seededBytes(bytes, this.#versions.length + 1))
    this.serve()
  }

  async #transfer({kind, end, at, lie}: Extract<Step, {end: End}>): Promise<void> {
    const after = Math.floor(at * this.#length)
    // A server that ignores If-Range and then says nothing about its version cannot be seen through by anybody.
    const isBlind = lie === 'silent' && this.#manners.ifRange === 'ignored'
    const stop =
      end === 'whole' ? {} : end === 'pause' || end === 'cancel' ? {stallAfter: after} : {cutAfter: after}
    const busy = end === 'fail' ? [lies.busy, lies.busy, lies.busy] : []
    this.serve({...(isBlind ? {} : lies[lie]), ...stop}, ...busy)
    const task = await this.#begin(kind)
    if (!task) return
    if (end === 'changeWhileCut') {
      await Promise.race([this.#origin.untilRequests(this.#origin.requests.length + 1), task.outcome])
      this.#change(this.#length)
    }
    if (end === 'pause' || end === 'cancel') await stopWhenStill(task, end)
    this.#judge(await task.outcome)
  }

  async #begin(kind: 'get' | 'resume'): Promise<DownloadTask | undefined> {
    if (kind === 'get' || !existsSync(this.stage.resumeData)) return this.stage.start({ifExists: 'replace'})
    const task = await this.stage.session
      .downloadTaskWithResumeData(this.stage.resumeData)
      .catch(() => undefined)
    task?.resume()
    return task
  }

  #judge({state, resumeData}: TaskOutcome): void {
    if (state === 'completed') {
      expect(this.#versions.slice(-2).map(digestOf)).toContain(this.stage.content)
      expect(this.stage.files).toEqual(['F'])
    }
    expect(existsSync(this.stage.resumeData)).toBe(resumeData !== undefined)
  }
}

async function stopWhenStill(task: DownloadTask, how: 'pause' | 'cancel'): Promise<void> {
  let before = -1
  while (!task.hasEnded && (task.response === undefined || before !== task.countOfBytesReceived)) {
    before = task.response === undefined ? -1 : task.countOfBytesReceived
    await sleep(4)
  }
  if (how === 'cancel') task.cancel()
  else await task.cancelByProducingResumeData('cancel')
}

async function tell(origin: Origin, told: Story): Promise<void> {
  const telling = new Telling(origin, told)
  try {
    for (const next of told.steps) {
      await telling.play(next)
      telling.check()
    }
    telling.serve()
    await expect(telling.stage.download({ifExists: 'replace'})).resolves.toMatchObject({state: 'completed'})
    expect(telling.stage.content).toBe(telling.latest)
  } finally {
    await telling.stage.session.invalidateAndCancel()
    origin.requests.length = 0
  }
}

it(
  'whatever server, network and disk do, the file is the old one or one version as it was served [security 4.1]',
  {timeout: 3_600_000},
  async () => {
    await using origin = await startOrigin()
    const numRuns = Number(process.env.FERRY_MODEL_RUNS ?? 100)
    await fc.assert(
      fc.asyncProperty(story, told => tell(origin, told)),
      {numRuns, timeout: 10_000}
    )
  }
)
