import {Session, SessionConfiguration, urlRequest} from '../../src/engine/index.ts'
import type {DownloadOptions} from '../../src/engine/index.ts'
import {resumeDataKey} from './resume-data-key.ts'

/** What a transfer in a process of its own has to do. */
export interface Order {
  readonly url: string
  readonly options: DownloadOptions
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
const task =
  order.resume === undefined
    ? session.downloadTask(urlRequest(order.url), order.options)
    : await session.downloadTaskWithResumeData(order.resume)
task.resume()
const {state, error, note} = await task.outcome
await session.finishTasksAndInvalidate()
process.stdout.write(`${JSON.stringify({state, code: error?.code, message: error?.message, note})}\n`)
process.exitCode = state === 'completed' ? 0 : 1
