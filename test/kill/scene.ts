import {cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {Session, SessionConfiguration, urlRequest} from '../../src/engine/index.ts'
import type {DownloadOptions, TaskOutcome} from '../../src/engine/index.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {resumeDataKey} from './resume-data-key.ts'
import {strike} from './strike.ts'
import type {Order} from './transfer.ts'

const oldContent = Buffer.from('what the target held before')

/** A transfer to be disturbed, and what its folder looks like before it. */
export interface Scene {
  readonly name: string
  readonly options?: Partial<DownloadOptions>
  readonly before: 'nothing' | 'oldFile' | 'partial'
  readonly size: number
  /** What may still stand beside the target after the next run; nothing unless told. */
  readonly mayLeave?: readonly string[]
}

/** The target of one scene, on a folder that is made anew for each try. */
export class Stand implements AsyncDisposable {
  readonly origin: Origin
  readonly folder: string
  readonly content: Buffer
  readonly #scene: Scene

  constructor(origin: Origin, {folder, scene}: {folder: string; scene: Scene}) {
    this.origin = origin
    this.folder = folder
    this.content = seededBytes(scene.size, 11)
    this.#scene = scene
  }

  static async of(scene: Scene, folder: string): Promise<Stand> {
    const stand = new Stand(await startOrigin(), {folder: join(folder, 'd'), scene})
    await stand.#makeBefore()
    stand.origin.serve('/F', {body: stand.content, entityTag: '"v1"'})
    return stand
  }

  get order(): Order {
    return {
      url: this.origin.url('/F'),
      options: {directory: this.folder, fileName: 'F', ...this.#scene.options}
    }
  }

  /** Makes the folder what it was before the transfer. */
  prepare(): void {
    rmSync(this.folder, {recursive: true, force: true})
    cpSync(this.#before, this.folder, {recursive: true})
  }

  /** The target is what it was, or whole. */
  assertNeverWrong(): void {
    const found = this.#found()
    if (found === undefined) return
    const isOld = this.#scene.before === 'oldFile' && found.equals(oldContent)
    expect(
      isOld || found.equals(this.content),
      `the target is neither old nor new but ${found.length} bytes`
    ).toBe(true)
  }

  assertWhole(): void {
    expect(this.#found()?.equals(this.content), 'the target is whole').toBe(true)
  }

  /** Runs the same transfer again, undisturbed, here. */
  async repair(): Promise<void> {
    const outcome = await this.transfer()
    const isDone = outcome.state === 'completed' || outcome.error?.code === 'DESTINATION_EXISTS'
    expect(isDone, `the next run repairs: ${outcome.error?.message}`).toBe(true)
    this.assertWhole()
    const left = readdirSync(this.folder).filter(name => !this.#scene.mayLeave?.includes(name))
    expect(left, 'nothing is left beside the target').toEqual(['F'])
  }

  async transfer(): Promise<TaskOutcome> {
    const configuration = SessionConfiguration.default({retry: {attempts: 0}})
    const session = new Session(configuration, {}, {resumeDataKey})
    const task = session.downloadTask(urlRequest(this.order.url), this.order.options)
    task.resume()
    const outcome = await task.outcome
    await session.finishTasksAndInvalidate()
    return outcome
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.origin.close()
  }

  #found(): Buffer | undefined {
    try {
      return readFileSync(join(this.folder, 'F'))
    } catch {
      return undefined
    }
  }

  get #before(): string {
    return `${this.folder}-before`
  }

  async #makeBefore(): Promise<void> {
    mkdirSync(this.folder)
    const {before} = this.#scene
    if (before === 'oldFile') writeFileSync(join(this.folder, 'F'), oldContent)
    if (before === 'partial') await this.#leavePartial()
    cpSync(this.folder, this.#before, {recursive: true})
  }

  // 120,000 bytes and their resume data, and the lock of a process that was killed when it took them up.
  async #leavePartial(): Promise<void> {
    this.origin.serve('/F', {body: this.content, entityTag: '"v1"', fault: {cutAfter: 120_000}})
    await this.transfer()
    const point = {call: 'openat', place: 'F.part', n: 1}
    await strike(this.order, {point, blow: 'signal=KILL'})
    expect(readdirSync(this.folder).toSorted()).toEqual(['F.ferry', 'F.lock', 'F.part'])
  }
}
