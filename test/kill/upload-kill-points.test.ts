import {mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it, onTestFinished} from 'vitest'
import {Session, SessionConfiguration, urlRequest} from '../../src/engine/index.ts'
import type {TaskOutcome} from '../../src/engine/index.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {startDraftServer} from '../resumable-upload/draft-server.ts'
import type {DraftServer} from '../resumable-upload/draft-server.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {resumeDataKey} from './resume-data-key.ts'
import {pointsOf, strike} from './strike.ts'
import type {Blow} from './strike.ts'
import type {Order} from './transfer.ts'

const content = seededBytes(200_000, 31)

/** A file on its way to a server of the draft, with its resume data in a folder that is made anew for each try. */
class UploadStand {
  readonly server: DraftServer
  readonly folder = join(scratchFolder(), 'd')
  readonly file = join(scratchFolder(), 'F')

  constructor(server: DraftServer) {
    this.server = server
    writeFileSync(this.file, content)
  }

  get order(): Order {
    return {
      url: this.server.url('/U'),
      upload: this.file,
      options: {directory: this.folder, fileName: 'R.ferry'}
    }
  }

  prepare(): void {
    rmSync(this.folder, {recursive: true, force: true})
    mkdirSync(this.folder)
    this.server.resources.length = 0
    this.server.plain.length = 0
  }

  /** The same command again, undisturbed, here: the server gets the file once more, or the rest of it. */
  async repair(): Promise<void> {
    const {state, error} = await this.#upload()
    expect(state, `the next run repairs: ${error?.message}`).toBe('completed')
    const last = this.server.resources.at(-1)
    expect(last?.content.equals(content), 'the server has the file').toBe(true)
    expect(readdirSync(this.folder), 'nothing is left').toEqual([])
  }

  async #upload(): Promise<TaskOutcome> {
    const session = new Session(
      SessionConfiguration.default({retry: {attempts: 1, delay: 0.01}}),
      {},
      {resumeDataKey}
    )
    const source = {kind: 'file', path: this.file} as const
    const resumeDataPath = join(this.folder, 'R.ferry')
    const task = session.uploadTask(urlRequest(this.order.url, {method: 'PUT'}), {source, resumeDataPath})
    task.resume()
    const outcome = await task.outcome
    await session.finishTasksAndInvalidate()
    return outcome
  }
}

async function standWith(blow: Blow): Promise<string[]> {
  const server = await startDraftServer()
  onTestFinished(() => server.close())
  const stand = new UploadStand(server)
  stand.prepare()
  const points = await pointsOf(stand.order)
  expect(points.map(({call}) => call)).toEqual(
    expect.arrayContaining(['openat', 'write', 'fsync', 'rename', 'unlink'])
  )
  const faults: string[] = []
  for (const point of points) {
    stand.prepare()
    const ending = await strike(stand.order, {point, blow})
    try {
      if (blow === 'signal=KILL') expect(ending.signal, 'the kill hit').toBe('SIGKILL')
      else expect(ending.outcome, `an outcome and no crash: ${ending.complaints}`).toBeDefined()
      await stand.repair()
    } catch (error) {
      const [reason] = String(error).split('\n')
      faults.push(`${point.call} ${point.place} #${point.n}: ${JSON.stringify(ending.outcome)}: ${reason}`)
    }
  }
  server.takeViolations()
  return faults
}

it('continues an upload, or sends it anew, when it was killed at any call on its resume data [U2]', async () => {
  expect(await standWith('signal=KILL')).toEqual([])
}, 240_000)

it('continues an upload, or sends it anew, when the disk failed at any call on its resume data', async () => {
  expect(await standWith('error=EIO')).toEqual([])
}, 240_000)
