import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect, onTestFinished, vi} from 'vitest'
import {Session, SessionConfiguration, urlRequest} from '../../../src/engine/index.ts'
import type {
  ConfigurationChanges,
  DownloadOptions,
  DownloadTask,
  HeaderField,
  DownloadResumeData,
  ResumeOptions,
  Resumption,
  SessionDelegate,
  SessionEnvironment,
  SessionKind,
  TaskOutcome
} from '../../../src/engine/index.ts'
import {writeResumeData} from '../../../src/engine/resume-data.ts'
import {watchedDelegate} from '../../canary/watched-delegate.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import type {Resource} from '../../origin/resource.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {patience} from '../../scratch/patience.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

/** Two versions of one resource, of one length and with strong validators. */
export const first: Resource & {body: Buffer} = {body: seededBytes(1000, 1), entityTag: '"v1"'}
export const second: Resource & {body: Buffer} = {body: seededBytes(1000, 2), entityTag: '"v2"'}

export const signingKey = Buffer.alloc(32, 7)

interface StageOptions {
  readonly configuration?: ConfigurationChanges
  readonly delegate?: SessionDelegate
  readonly environment?: SessionEnvironment
  readonly kind?: SessionKind
}

export interface DownloadScene extends Partial<DownloadOptions> {
  readonly headers?: readonly HeaderField[]
  /** Of the address. */
  readonly query?: string
}

/** An origin that serves /F, a folder for F, and a session that tries once unless told otherwise. */
export class Stage {
  readonly origin: Origin
  readonly folder: string
  readonly session: Session
  /** What the delegate was told about where content begins. */
  readonly resumptions: Resumption[] = []

  constructor(
    origin: Origin,
    {configuration = {}, delegate = {}, environment = {}, kind = 'default'}: StageOptions
  ) {
    this.origin = origin
    this.folder = scratchFolder()
    const once = {retry: {attempts: 0, delay: 0.01}, timeouts: {idle: 5, connect: 1}}
    const base =
      kind === 'background'
        ? SessionConfiguration.background('stage', once)
        : SessionConfiguration[kind](once)
    const keys = base.with(configuration)
    const didResumeAtOffset = (_task: DownloadTask, resumption: Resumption) => {
      this.resumptions.push(resumption)
    }
    const resumeDataKey = () => signingKey
    this.session = new Session(keys, watchedDelegate({didResumeAtOffset, ...delegate}), {
      resumeDataKey,
      ...environment
    })
  }

  get target(): string {
    return join(this.folder, 'F')
  }

  get partial(): string {
    return join(this.folder, 'F.part')
  }

  get resumeData(): string {
    return join(this.folder, 'F.ferry')
  }

  /** Names of everything in the folder. */
  get files(): string[] {
    return readdirSync(this.folder).sort()
  }

  /** Digest of the file under its final name, or undefined while there is none. */
  get content(): string | undefined {
    return existsSync(this.target) ? digestOf(readFileSync(this.target)) : undefined
  }

  get record(): DownloadResumeData {
    return JSON.parse(readFileSync(this.resumeData, 'utf8')) as DownloadResumeData
  }

  /** Writes F.ferry anew with other facts, signed as this user's own. */
  async alter(change: (record: DownloadResumeData) => DownloadResumeData): Promise<void> {
    const {
      integrity: _hash,
      signature: _mark,
      ...data
    } = this.record as DownloadResumeData & Record<string, unknown>
    await writeResumeData(this.resumeData, change(data), {key: signingKey, flush: 'none'})
  }

  /** Range of each request so far, `undefined` where none was asked for. */
  get ranges(): (string | undefined)[] {
    return this.origin.requests.map(request => request.header('range'))
  }

  /** Starts a download of /F to F, which takes up what is there. */
  start({headers = [], query = '', ...options}: DownloadScene = {}): DownloadTask {
    const request = urlRequest(this.origin.url(`/F${query}`), {headers})
    const task = this.session.downloadTask(request, {directory: this.folder, fileName: 'F', ...options})
    task.resume()
    return task
  }

  download(scene: DownloadScene = {}): Promise<TaskOutcome> {
    return this.start(scene).outcome
  }

  /** Continues F.ferry as `ferry resume` does. */
  async resume(options: ResumeOptions = {}): Promise<TaskOutcome> {
    const task = await this.session.downloadTaskWithResumeData(this.resumeData, options)
    task.resume()
    return task.outcome
  }

  /** Leaves the beginning of a resource as F.part with F.ferry, and forgets the request. */
  async interrupt(resource: Resource, received: number): Promise<void> {
    const task = await this.reach(resource, received)
    expect(await task.cancelByProducingResumeData()).toBe(this.resumeData)
    expect(this.record).toMatchObject({bytesReceived: received, state: 'paused'})
    this.origin.requests.length = 0
  }

  /** Leaves all of a resource as F.part with F.ferry: the name was taken by a folder when F should have got it. */
  async interruptBeforeNaming(resource: Resource): Promise<void> {
    const gate = Promise.withResolvers<void>()
    this.origin.serve('/F', {...resource, faults: [{holdAfter: {bytes: 1, until: gate.promise}}]})
    const task = this.start()
    await untilReceived(task, 1)
    mkdirSync(this.target)
    gate.resolve()
    const outcome = await task.outcome
    rmdirSync(this.target)
    expect(outcome).toMatchObject({error: {code: 'WRITE_FAILED'}, resumeData: this.resumeData})
    expect(this.record.bytesReceived).toBe(this.record.total)
    this.origin.requests.length = 0
  }

  /** Starts a download of a resource that comes to a halt after so many bytes, and waits until they are here. */
  async reach(resource: Resource, received: number, scene: DownloadScene = {}): Promise<DownloadTask> {
    this.origin.serve('/F', {...resource, faults: [{stallAfter: received}]})
    const task = this.start(scene)
    await untilReceived(task, received)
    return task
  }
}

/** Stands for bytes in expectations: their length and hash, which fail in one readable line. */
export function digestOf(bytes: Uint8Array): string {
  return `${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`
}

/** Resolves when a task has written so many bytes. */
export async function untilReceived(task: DownloadTask, bytes: number): Promise<void> {
  await vi.waitFor(() => expect(task.countOfBytesReceived).toBe(bytes), patience)
}

/** Opens a stage that is taken down with the test. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const origin = await startOrigin()
  const stage = new Stage(origin, options)
  onTestFinished(async () => {
    await stage.session.invalidateAndCancel()
    await origin.close()
  })
  return stage
}
