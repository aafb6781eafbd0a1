import {follow} from '../../../src/engine/exchange/follow.ts'
import type {Answer} from '../../../src/engine/exchange/follow.ts'
import {TransferError} from '../../../src/engine/index.ts'
import type {TransferErrorCode, TransferErrorFacts} from '../../../src/engine/index.ts'
import type {UploadProtocol, UploadStep, UploadWalk} from '../../../src/engine/upload/upload-protocol.ts'

/** What a protocol does when it is called. */
export type Turn = (walk: UploadWalk) => Promise<UploadStep> | UploadStep

/** A protocol that does what its script says; the last turn repeats. */
export class FakeProtocol implements UploadProtocol {
  readonly name: 'ietf' | 'tus'
  readonly interopVersion: 8 | undefined
  /** What was called, and with which offset. */
  readonly calls: string[] = []
  readonly #script: readonly Turn[]
  #turns = 0

  constructor(script: readonly Turn[], name: 'ietf' | 'tus' = 'ietf') {
    this.#script = script
    this.name = name
    this.interopVersion = name === 'ietf' ? 8 : undefined
  }

  create(walk: UploadWalk): Promise<UploadStep> {
    this.calls.push('create')
    return this.#turn(walk)
  }

  proceed(walk: UploadWalk): Promise<UploadStep> {
    this.calls.push(`proceed from ${walk.offset ?? 'unknown'}`)
    return this.#turn(walk)
  }

  async cancel({parts}: Pick<UploadWalk, 'parts'>): Promise<void> {
    this.calls.push(`cancel ${parts.map(({url}) => new URL(url).pathname).join(' ')}`)
  }

  async #turn(walk: UploadWalk): Promise<UploadStep> {
    const turn = this.#script[Math.min(this.#turns++, this.#script.length - 1)]
    if (!turn) throw new Error('The script has no turn')
    return turn(walk)
  }
}

/** The server names a resource, and then something happens. */
export function named(path: string, then: Turn = more): Turn {
  return async walk => {
    const {href} = new URL(path, walk.task.originalRequest.url)
    await walk.remember([{url: href, first: 0, length: walk.source.size}])
    return then(walk)
  }
}

/** The server says what it has, and then something happens. */
export function has(offset: number, then: Turn = more): Turn {
  return walk => {
    walk.acknowledge(offset)
    walk.task.countOfBytesSent = offset
    return then(walk)
  }
}

export const more: Turn = () => ({kind: 'more'})

export const gone: Turn = () => ({kind: 'gone', reason: 'The server does not know the upload any more'})

/** The server has everything, and says no more. */
export const complete: Turn = () => ({kind: 'answered', answer: undefined})

/** Sends what is missing to the task's own address: its answer is the last word. */
export const answered: Turn = async walk => ({kind: 'answered', answer: await sendRest(walk)})

function sendRest({task, source, offset = 0}: UploadWalk): Promise<Answer> {
  return follow(task, {...task.originalRequest, body: source.body({first: offset})})
}

export function fails(code: TransferErrorCode, facts: TransferErrorFacts = {}): Turn {
  return () => {
    throw new TransferError(code, `The script fails with ${code}`, facts)
  }
}

/** Nothing comes any more until the task is stopped. */
export const hangs: Turn = ({task}) =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(new TransferError('CANCELLED', 'The task was stopped'))
    if (task.isStopped) stop()
    task.stopSignal.addEventListener('abort', stop)
  })
