import {constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress} from 'node:zlib'
import type {Transform} from 'node:stream'
import {mostContentCodings} from '../fields/content-encoding.ts'
import {TransferError} from '../transfer-error.ts'
import type {BodySink} from './exchange.ts'

/** What --compressed asks for. */
export const acceptedCodings = 'gzip, deflate, br, zstd'

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress({params: {[constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 0}}),
  zstd: () => createZstdDecompress()
}

/** Undoes content codings (RFC 9110, 8.4). Truncated or trailing bytes are CONTENT_CODING: half a text is no text. */
export class DecodingSink implements BodySink {
  readonly #first: Transform
  readonly #drained: Promise<void>

  constructor(codings: readonly string[], sink: BodySink) {
    const stages = makeStages(codings)
    const [first] = stages
    const last = stages.at(-1)
    if (!first || !last) throw new TransferError('CONTENT_CODING', 'There is no coding to undo')
    this.#first = first
    stages.reduce((from, to) => from.pipe(to))
    this.#drained = drain(stages, sink)
    this.#drained.catch(() => {})
  }

  write(view: Uint8Array): Promise<void> {
    const {promise, resolve} = Promise.withResolvers<void>()
    this.#first.write(Buffer.from(view), () => resolve())
    return Promise.race([promise, this.#drained])
  }

  /** No more will come; resolves when everything is delivered. */
  finish(): Promise<void> {
    this.#first.end()
    return this.#drained
  }
}

function makeStages(codings: readonly string[]): Transform[] {
  if (codings.length > mostContentCodings)
    throw new TransferError('CONTENT_CODING', 'The content is encoded too many times')
  return codings.toReversed().map(coding => {
    const make = decoders[coding]
    if (!make)
      throw new TransferError('CONTENT_CODING', `The content coding "${coding.slice(0, 40)}" is not known`)
    return make()
  })
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
