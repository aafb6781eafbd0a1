import {Session, TransferError, parseAddress, urlRequest} from '../engine/index.ts'
import type {SessionConfiguration} from '../engine/index.ts'

const mostBytes = 1024 * 1024

/** Fetches a small text, such as a checksum file, in a session of its own: none of the transfer's secrets go there. */
export async function fetchText(configuration: SessionConfiguration, url: string): Promise<string> {
  const pieces: Buffer[] = []
  const limited = configuration.with({limits: {maxFileSize: mostBytes}})
  const session = new Session(limited, {
    didReceiveData: (_task, data) => {
      pieces.push(Buffer.from(data))
    }
  })
  const task = session.dataTask(urlRequest(parseAddress(url)), {decode: true})
  task.resume()
  const outcome = await task.outcome
  await session.finishTasksAndInvalidate()
  if (outcome.state === 'completed') return Buffer.concat(pieces).toString()
  throw outcome.error ?? new TransferError('CANCELLED', 'The transfer was stopped', {url})
}
