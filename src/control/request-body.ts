import type {IncomingMessage} from 'node:http'
import type {GenericSchema, InferOutput} from 'valibot'
import {TransferError} from '../engine/index.ts'

/** Bytes a request's body may have. */
export const largestBody = 1024 * 1024

/** The JSON object of a message of at most `limit` bytes; an empty one counts as {}. Throws USAGE. */
export async function readJson(message: IncomingMessage, limit: number): Promise<object> {
  const chunks: Buffer[] = []
  let size = 0
  // Not destroyed when too large: the refusal has to travel over the same socket.
  const received: AsyncIterable<Buffer> = message.iterator({destroyOnReturn: false})
  for await (const chunk of received) {
    size += chunk.length
    if (size > limit) throw new TransferError('USAGE', `The message is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (text.trim() === '') return {}
  const value = parseJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new TransferError('USAGE', 'The message is not a JSON object')
}

/** The value, if it has the shape; throws USAGE, naming the field, where it has not. Values are not repeated: some are secrets. */
export async function checked<S extends GenericSchema>(schema: S, value: unknown): Promise<InferOutput<S>> {
  const {getDotPath, safeParse} = await import('valibot')
  const result = safeParse(schema, value, {
    abortEarly: true,
    message: ({kind, expected}) =>
      kind === 'schema' && expected ? `is not ${expected}` : 'is not as it has to be'
  })
  if (result.success) return result.output
  const [issue] = result.issues
  throw new TransferError(
    'USAGE',
    `The message has the wrong shape: ${getDotPath(issue) ?? 'it'} ${issue.message}`
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TransferError('USAGE', 'The message is not JSON', {cause})
  }
}
