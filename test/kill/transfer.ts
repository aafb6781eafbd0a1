import {join} from 'node:path'
import {Session, SessionConfiguration, urlRequest} from '../../src/engine/index.ts'
import type {DownloadOptions, Task} from '../../src/engine/index.ts'
import {resumeDataKey} from './resume-data-key.ts'

/** What a transfer in a process of its own has to do. */
export interface Order {
  readonly url: string
  readonly options: DownloadOptions
  /** Absolute path of a file to send instead; its resume data gets the name in the folder. */
  readonly upload?: string
  /** Resume data to continue instead. */
  readonly resume?: string
  /** Milliseconds to wait first. */
  readonly delay?: number
}

const order = JSON.parse(process.argv[2] ?? '') as Order
await new Promise(resolve => setTimeout(resolve, order.delay ?? 0))
const configuration = SessionConfiguration.default({
  retry: {attempts: 1, delay: 0.01},
  timeouts: {idle: 5, connect: 5}
})
const session = new Session(configuration, {}, {resumeDataKey})
const task = await ordered()
task.resume()
const {state, error, note} = await task.outcome
await session.finishTasksAndInvalidate()
process.stdout.write(`${JSON.stringify({state, code: error?.code, message: error?.message, note})}\n`)
process.exitCode = state === 'completed' ? 0 : 1

async function ordered(): Promise<Task> {
  const {url, options, resume, upload} = order
  if (upload !== undefined) {
    const source = {kind: 'file', path: upload} as const
    const resumeDataPath = join(options.directory, options.fileName ?? '')
    return session.uploadTask(urlRequest(url, {method: 'PUT'}), {source, resumeDataPath})
  }
  return resume === undefined
    ? session.downloadTask(urlRequest(url), options)
    : session.downloadTaskWithResumeData(resume)
}
