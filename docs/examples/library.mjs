// Downloads a file with the library: shows what happens, pauses once on the way, and continues.
//
//   node docs/examples/library.mjs URL [FOLDER]
import {randomBytes} from 'node:crypto'
import path from 'node:path'
import {Session, SessionConfiguration, TransferError, urlRequest} from 'ferry'

const [address, folder = '.'] = process.argv.slice(2)
if (!address) {
  console.error('usage: node library.mjs URL [FOLDER]')
  process.exit(2)
}

// Resume data is signed with this key, and what it did not sign is refused. A program that continues downloads of
// earlier runs keeps its key in a private file; this one continues its own only.
const key = randomBytes(32)

const configuration = SessionConfiguration.default({
  timeouts: {connect: 10, idle: 30},
  retry: {attempts: 3}
})

const delegate = {
  didReceiveResponse: (task, {status, expectedContentLength}) => {
    console.log(`response ${status}, ${expectedContentLength ?? 'unknown'} bytes`)
    return 'allow'
  },
  didResumeAtOffset: (task, {offset, reason}) => console.log(`goes on at ${offset}: ${reason}`),
  didWriteData: (task, {totalBytesWritten}) => {
    console.log(`${totalBytesWritten} bytes`)
    if (task === first) void pauseOnce()
  },
  didFinishDownloading: (task, file) => console.log(`finished ${file}`)
}

const session = new Session(configuration, delegate, {resumeDataKey: () => key})
const first = session.downloadTask(urlRequest(address), {
  directory: path.resolve(folder),
  ifExists: 'replace'
})
let pausing = false

async function pauseOnce() {
  if (pausing) return
  pausing = true
  // Undefined when this server's answers cannot be continued; the task then simply goes on.
  const resumeData = await first.cancelByProducingResumeData()
  if (resumeData) console.log(`paused, resume data in ${resumeData}`)
}

try {
  first.resume()
  let outcome = await first.outcome
  if (outcome.state === 'paused') {
    const second = await session.downloadTaskWithResumeData(outcome.resumeData)
    second.resume()
    outcome = await second.outcome
  }
  if (outcome.error) throw outcome.error
  console.log(`${outcome.state} ${outcome.path}`)
} catch (error) {
  if (!(error instanceof TransferError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
} finally {
  await session.finishTasksAndInvalidate()
}
