import {deliversErrors} from '../exchange/http-failure.ts'
import type {Sending} from '../exchange/send.ts'
import {formatFinalUpload, partialUpload} from '../fields/upload-concat.ts'
import type {TusOffer} from '../storage/upload-support-store.ts'
import type {UploadPart} from '../upload-resume-data.ts'
import type {UploadTask} from '../upload-task.ts'
import type {HeaderField} from '../url-request.ts'
import {creationAddress} from './creation-address.ts'
import {createResource, metadataFields, refusalBy} from './tus-creation.ts'
import type {Creation} from './tus-creation.ts'
import {askTusOffer} from './tus-offer.ts'
import {divide, missingStretch, sendSideBySide} from './tus-parts.ts'
import {askTus, expiryOf, passOver, tusFailure} from './tus-request.ts'
import {TusResource} from './tus-resource.ts'
import type {ResourceStep} from './tus-resource.ts'
import {forgetResource} from './tus-termination.ts'
import {noteUploadSupport} from './upload-support.ts'
import type {UploadProtocol, UploadStep, UploadWalk} from './upload-protocol.ts'

export interface TusOptions {
  /** What the server has said it can do, where it was asked already. */
  readonly offer?: TusOffer | undefined
}

/** tus 1.0.0, for one task: the server keeps each byte that it has, and says how many those are. */
export function tusProtocol(task: UploadTask, {offer}: TusOptions = {}): UploadProtocol {
  return new Tus(task, offer)
}

const partialField: HeaderField = ['Upload-Concat', partialUpload]

class Tus implements UploadProtocol {
  readonly name = 'tus'
  readonly interopVersion = undefined
  readonly #task: UploadTask
  #known: TusOffer | undefined
  #asked: Promise<TusOffer> | undefined
  /** What was said some time ago may not hold any more. */
  #heard: 'before' | 'now'
  #resources: readonly TusResource[] = []
  readonly #given = new Map<string, number>()

  constructor(task: UploadTask, offer: TusOffer | undefined) {
    this.#task = task
    this.#known = offer
    this.#heard = offer ? 'before' : 'now'
  }

  async create(walk: UploadWalk): Promise<UploadStep> {
    const {task, source} = walk
    const {size} = source
    const offer = await this.#offerFor(size)
    this.#resources = []
    const stretches = divide(size, offer.extensions.has('concatenation') ? connectionsOf(task) : 1)
    for (const stretch of stretches) {
      const fields = stretches.length > 1 ? [partialField] : await metadataFields(task, source)
      const creation = await createResource(task, {length: stretch.length, fields})
      if (creation.kind === 'refused') return {kind: 'answered', answer: creation.answer}
      if (size === 0) return {kind: 'answered', answer: creation.answer}
      await this.#keep(walk, {stretch, creation})
    }
    walk.offset = 0
    return {kind: 'more'}
  }

  async proceed(walk: UploadWalk): Promise<UploadStep> {
    const {source, parts} = walk
    const [only] = parts
    if (parts.length > 1 || only?.length !== source.size) return this.#proceedSideBySide(walk)
    const [resource] = this.#resourcesOf(walk)
    if (!resource) return {kind: 'gone', reason: 'No upload is known'}
    resource.offset = walk.offset
    const step = await resource.step()
    walk.offset = resource.offset
    return uploadStep(step)
  }

  async cancel(walk: UploadWalk): Promise<void> {
    const {task, parts} = walk
    const upload = {task, offer: (sending?: Sending) => this.#offer(sending)}
    await Promise.all(parts.map(({url}) => forgetResource(upload, new URL(url))))
  }

  async #proceedSideBySide(walk: UploadWalk): Promise<UploadStep> {
    const {task, source} = walk
    const stretch = missingStretch(walk.parts, source.size)
    if (stretch) {
      const creation = await createResource(task, {length: stretch.length, fields: [partialField]})
      if (creation.kind === 'refused') throw await tusFailure(task, creation.answer)
      await this.#keep(walk, {stretch, creation})
    }
    const {offset} = walk
    this.#resources = []
    const resources = this.#resourcesOf(walk)
    // Only nothing at all can be divided among parts; of anything else each part has to tell its own.
    if (offset === 0) for (const resource of resources) resource.offset = resource.acknowledged = 0
    const step = await sendSideBySide(task, resources)
    return step.kind === 'whole' ? this.#join(walk) : uploadStep(step)
  }

  /** Makes one upload of its parts (tus 1.0.0, Concatenation). */
  async #join({task, source, parts}: UploadWalk): Promise<UploadStep> {
    const fields: readonly HeaderField[] = [
      ['Upload-Concat', formatFinalUpload(parts.map(({url}) => url))],
      ...(await metadataFields(task, source))
    ]
    const answer = await askTus(task, {method: 'POST', url: creationAddress(task), fields})
    if (answer.response.status >= 400 && !deliversErrors(task)) throw await tusFailure(task, answer)
    return {kind: 'answered', answer}
  }

  async #keep(
    walk: UploadWalk,
    {
      stretch,
      creation
    }: {
      stretch: Pick<UploadPart, 'first' | 'length'>
      creation: Extract<Creation, {kind: 'created'}>
    }
  ): Promise<void> {
    walk.expires = earliest([walk.expires, expiryOf(creation.answer.response)])
    this.#given.set(creation.url.href, 0)
    try {
      await walk.remember([...walk.parts, {url: creation.url.href, ...stretch}])
    } finally {
      await passOver(walk.task, creation.answer)
    }
  }

  #resourcesOf(walk: UploadWalk): readonly TusResource[] {
    const {task, source, parts} = walk
    const isSame =
      parts.length === this.#resources.length &&
      parts.every((part, i) => this.#resources[i]?.part.url === part.url)
    if (isSame) return this.#resources
    const upload = {
      task,
      source,
      given: this.#given,
      offer: (sending?: Sending) => this.#offer(sending),
      learnt: () => {
        walk.expires = earliest(this.#resources.map(({expires}) => expires))
        const known = this.#resources.flatMap(({acknowledged}) => acknowledged ?? [])
        if (known.length === parts.length) walk.acknowledge(sum(known))
      },
      counted: () => {
        task.countOfBytesSent = sum(this.#resources.map(({sent}) => sent))
      }
    }
    this.#resources = parts.map(part => new TusResource(upload, part))
    for (const resource of this.#resources) resource.expires = walk.expires
    return this.#resources
  }

  /** Rejects where the server takes no such file; what it has said before is no reason to refuse one. */
  async #offerFor(size: number): Promise<TusOffer> {
    const url = creationAddress(this.#task)
    const offer = await this.#offer()
    const refusal = refusalBy(offer, {url, size})
    if (!refusal) return offer
    if (this.#heard === 'now') throw refusal
    this.#known = undefined
    return this.#offerFor(size)
  }

  /** Parts that go side by side ask once. */
  async #offer(sending?: Sending): Promise<TusOffer> {
    if (this.#known) return this.#known
    this.#asked ??= this.#ask(sending).finally(() => {
      this.#asked = undefined
    })
    return this.#asked
  }

  async #ask(sending?: Sending): Promise<TusOffer> {
    const offer = await askTusOffer(this.#task, creationAddress(this.#task), sending)
    if (offer.extensions.has('creation')) noteUploadSupport(this.#task, {protocol: 'tus', offer})
    this.#known = offer
    this.#heard = 'now'
    return offer
  }
}

// More than the session has for one host would only wait for each other.
function connectionsOf({options, keys}: UploadTask): number {
  return Math.min(options.connections ?? 1, keys.maxConnectionsPerHost)
}

function uploadStep(step: ResourceStep): UploadStep {
  if (step.kind === 'whole' || step.kind === 'refused') return {kind: 'answered', answer: step.answer}
  return step
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter(time => time !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
