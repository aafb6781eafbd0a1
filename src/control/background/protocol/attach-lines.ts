import type {IncomingMessage} from 'node:http'
import {TransferError} from '../../../engine/index.ts'

const longestLine = 16 * 1024 * 1024

/** The whole lines of an answer, as they come. Throws REPLY_MALFORMED for one without end, and what cuts the answer. */
export async function* linesOf(answer: IncomingMessage): AsyncGenerator<string, void, undefined> {
  let rest: Buffer[] = []
  let length = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8')
      rest = []
      length = 0
      start = end + 1
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > longestLine)
      throw new TransferError('REPLY_MALFORMED', 'The background service sent a line without end')
  }
}
