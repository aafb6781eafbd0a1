import {createHash} from 'node:crypto'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, onTestFinished, vi} from 'vitest'
import {Session, SessionConfiguration, urlRequest} from '../../src/engine/index.ts'
import type {
  ConfigurationChanges,
  DownloadOptions,
  DownloadTask,
  HeaderField,
  ResumeOptions,
  Resumption,
  TaskOutcome
} from '../../src/engine/index.ts'
import {certificates} from '../origin/certificates.ts'
import {patience} from '../scratch/patience.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

const signingKey = Buffer.alloc(32, 7)

/** Who visits a server: a session, a folder, and the file F in it. */
export class Visitor {
  readonly folder = scratchFolder()
  readonly target = join(this.folder, 'F')
  readonly resumeData = join(this.folder, 'F.ferry')
  /** What the delegate was told about where content begins. */
  readonly resumptions: Resumption[] = []
  readonly session: Session

  constructor(changes: ConfigurationChanges) {
    const configuration = SessionConfiguration.default({
      retry: {attempts: 0, delay: 0.01},
      timeouts: {idle: 5, connect: 5},
      tls: {ca: certificates.authority}
    }).with(changes)
    const didResumeAtOffset = (_task: DownloadTask, resumption: Resumption): void => {
      this.resumptions.push(resumption)
    }
    this.session = new Session(configuration, {didResumeAtOffset}, {resumeDataKey: () => signingKey})
  }

  get files(): string[] {
    return readdirSync(this.folder).sort()
  }

  /** Digest of F, or undefined while there is none. */
  get content(): string | undefined {
    return existsSync(this.target) ? digestOf(readFileSync(this.target)) : undefined
  }

  start(
    url: string,
    {headers = [], ...options}: Partial<DownloadOptions> & {headers?: readonly HeaderField[]} = {}
  ): DownloadTask {
    const request = urlRequest(url, {headers})
    const task = this.session.downloadTask(request, {directory: this.folder, fileName: 'F', ...options})
    task.resume()
    return task
  }

  download(...words: Parameters<Visitor['start']>): Promise<TaskOutcome> {
    return this.start(...words).outcome
  }

  /** Starts a download, lets some of it arrive, and pauses it. */
  async pauseMidway(url: string): Promise<void> {
    const task = this.start(url)
    await untilReceived(task, 1)
    expect(await task.cancelByProducingResumeData()).toBe(this.resumeData)
  }

  async resume(options: ResumeOptions = {}): Promise<TaskOutcome> {
    const task = await this.session.downloadTaskWithResumeData(this.resumeData, options)
    task.resume()
    return task.outcome
  }
}

/** A visitor that leaves with the test. */
export function visitor(changes: ConfigurationChanges = {}): Visitor {
  const arrived = new Visitor(changes)
  onTestFinished(() => arrived.session.invalidateAndCancel())
  return arrived
}

/** Stands for bytes in expectations: their length and hash, which fail in one readable line. */
export function digestOf(bytes: Uint8Array): string {
  return `${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`
}

/** Resolves when at least so many bytes are here. */
export async function untilReceived(task: DownloadTask, bytes: number): Promise<void> {
  await vi.waitFor(() => expect(task.countOfBytesReceived).toBeGreaterThanOrEqual(bytes), patience)
}
