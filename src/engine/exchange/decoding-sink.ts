import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress
} from 'node:zlib'
import type {Transform} from 'node:stream'
import {mostContentCodings} from '../fields/content-encoding.ts'
import {TransferError} from '../transfer-error.ts'
import type {BodySink} from './exchange.ts'

/** What is asked for where content may come encoded. */
export const acceptedCodings = 'gzip, deflate, br, zstd'

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress({params: {[constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 0}}),
  zstd: () => createZstdDecompress()
}

interface Pipeline {
  readonly first: Transform
  readonly drained: Promise<void>
}

/** Undoes content codings (RFC 9110, 8.4). Truncated or trailing bytes are CONTENT_CODING: half a text is no text. */
export class DecodingSink implements BodySink {
  readonly #codings: readonly string[]
  readonly #sink: BodySink
  #pipeline: Pipeline | undefined

  constructor(codings: readonly string[], sink: BodySink) {
    assertKnown(codings)
    this.#codings = codings
    this.#sink = sink
  }

  write(view: Uint8Array): Promise<void> {
    const {first, drained} = this.#begin(view[0])
    const {promise, resolve} = Promise.withResolvers<void>()
    first.write(Buffer.from(view), () => resolve())
    return Promise.race([promise, drained])
  }

  /** No more will come; resolves when everything is delivered. */
  finish(): Promise<void> {
    const {first, drained} = this.#begin(undefined)
    first.end()
    return drained
  }

  // Only the first byte shows which of the two formats that are called deflate it is.
  #begin(byte: number | undefined): Pipeline {
    this.#pipeline ??= openPipeline(this.#codings, {byte, sink: this.#sink})
    return this.#pipeline
  }
}

function assertKnown(codings: readonly string[]): void {
  if (codings.length > mostContentCodings)
    throw new TransferError('CONTENT_CODING', 'The content is encoded too many times')
  const unknown = codings.find(coding => !Object.hasOwn(decoders, coding))
  if (unknown === undefined) return
  throw new TransferError('CONTENT_CODING', `The content coding "${unknown.slice(0, 40)}" is not known`)
}

function openPipeline(
  codings: readonly string[],
  {byte, sink}: {byte: number | undefined; sink: BodySink}
): Pipeline {
  const stages = codings.toReversed().map((coding, index) => {
    if (coding === 'deflate' && index === 0 && isRawDeflate(byte)) return createInflateRaw()
    return (decoders[coding] ?? createInflate)()
  })
  const [first] = stages
  if (!first) throw new TransferError('CONTENT_CODING', 'There is no coding to undo')
  stages.reduce((from: Transform, to) => from.pipe(to))
  const drained = drain(stages, sink)
  drained.catch(() => {})
  return {first, drained}
}

// RFC 9110, 8.4.1.2: deflate is the zlib format, whose first byte ends in 8; some servers leave that envelope out.
function isRawDeflate(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0x0f) !== 8
}

async function drain(stages: readonly Transform[], sink: BodySink): Promise<void> {
  const failed = new Promise<never>((_resolve, reject) => {
    for (const stage of stages) stage.once('error', reject)
  })
  const last = stages.at(-1)
  const deliver = async () => {
    for await (const piece of last ?? []) await sink.write(piece as Uint8Array)
  }
  try {
    await Promise.race([deliver(), failed])
  } catch (error) {
    for (const stage of stages) stage.destroy()
    if (error instanceof TransferError) throw error
    throw new TransferError('CONTENT_CODING', 'The encoded content is damaged or incomplete', {cause: error})
  }
}
