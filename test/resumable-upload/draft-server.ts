import {randomUUID} from 'node:crypto'
import {startOrigin} from '../origin/origin.ts'
import type {Origin, OriginOptions} from '../origin/origin.ts'
import type {Reply} from '../origin/reply.ts'
import type {OriginRequest} from '../origin/request.ts'
import {append} from './append.ts'
import {FilePlace, MemoryPlace} from './content-place.ts'
import type {ContentPlace} from './content-place.ts'
import {create} from './create.ts'
import {dialects} from './dialect.ts'
import type {Dialect, DraftVersion} from './dialect.ts'
import type {Fault, Faults, RequestKind} from './fault.ts'
import {Incoming} from './incoming.ts'
import type {Limits} from './limits.ts'
import {answerOptions} from './options.ts'
import {takePlainly} from './plain.ts'
import {cancel, tellState} from './state.ts'
import {booleanField, integerField} from './structured.ts'
import {UploadResource} from './upload-resource.ts'
import type {TargetAnswer} from './upload-resource.ts'

export interface DraftServerOptions extends Pick<OriginOptions, 'tls' | 'port'> {
  /** The one version that is spoken. Requests of others are ordinary ones. Default: 8. */
  readonly interopVersion?: DraftVersion
  /** withheld: no 104 names the upload resource. Default: sent. */
  readonly interim?: 'sent' | 'withheld'
  /** withheld: nobody gets 100 (Continue). Default: sent. */
  readonly continue?: 'sent' | 'withheld'
  /** Bytes of content between two interim answers with Upload-Offset; absent: none. */
  readonly progressEvery?: number
  readonly limits?: Limits
  /** Answer to OPTIONS: limits (Upload-Limit), plain (without it), refused (405), silent. Default: as the draft has it. */
  readonly options?: 'limits' | 'plain' | 'refused' | 'silent'
  /** How Location names the upload resource; changing: another one each time it is said. Default: absolute. */
  readonly location?: 'absolute' | 'relative' | 'otherOrigin' | 'changing'
  /** What the target makes of a whole representation. Default: 201. */
  readonly target?: (representation: Buffer, creation: OriginRequest) => TargetAnswer
  /** An append to a completed upload: its answer once more, 400, or 404. Default: as the draft has it. */
  readonly completedAppend?: 'replay' | 'refuse' | 'forget'
  /** unsupported: DELETE gets 405. */
  readonly cancellation?: 'supported' | 'unsupported'
  readonly faults?: Faults
  /** Absolute path of a folder that content is kept in; absent: in memory. */
  readonly folder?: string
  /** Called when a representation has come whole, in whatever way. */
  readonly didComplete?: (path: string) => void
  /** Called for each rule that a client has broken. */
  readonly didViolate?: (violation: string) => void
}

/** Milliseconds that a client's connection may take to end before a newer request for the same upload is held against it. */
const grace = 250
const uploads = '/uploads/'

/**
 * A server of draft-ietf-httpbis-resumable-upload for tests. It keeps to one version of the draft, does wrong only what
 * its options say, and holds every client to the rules: closing it rejects with those that were broken, unless they
 * were taken before.
 */
export class DraftServer {
  readonly dialect: Dialect
  readonly options: DraftServerOptions
  /** Uploads in the order of their creation. */
  readonly resources: UploadResource[] = []
  /** Every request with its answer, in the order of arrival. */
  readonly log: Incoming[] = []
  /** Representations that came in ordinary requests. */
  readonly plain: {readonly request: OriginRequest; readonly content: Buffer}[] = []
  readonly origin: Origin
  /** Where uploads live when Location says otherOrigin. */
  readonly elsewhere: Origin
  /** Paths whose limits OPTIONS has told. */
  readonly limitsTold = new Set<string>()
  #violations: string[] = []
  readonly #seen = new Map<RequestKind, number>()

  constructor(options: DraftServerOptions, origins: {origin: Origin; elsewhere: Origin}) {
    this.options = options
    this.dialect = dialects[options.interopVersion ?? 8]
    this.origin = origins.origin
    this.elsewhere = origins.elsewhere
    for (const each of [this.origin, this.elsewhere]) {
      each.on('*', (request, reply) => this.#serve(request, reply), 'head')
    }
  }

  url(path: string): string {
    return this.origin.url(path)
  }

  /** The requests of one kind, with their answers. */
  of(kind: RequestKind): readonly Incoming[] {
    return this.log.filter(incoming => incoming.kind === kind)
  }

  /** The rules that clients have broken, each once; they are forgotten here. */
  takeViolations(): readonly string[] {
    return this.#violations.splice(0)
  }

  violate(violation: string): void {
    this.#violations.push(violation)
    this.options.didViolate?.(violation)
  }

  /** Does the request speak this server's version? */
  speaks(request: OriginRequest): boolean {
    return integerField(request, 'upload-draft-interop-version') === this.dialect.version
  }

  /** The target's answer to a whole representation. */
  process(representation: Buffer, creation: OriginRequest): TargetAnswer {
    return this.options.target?.(representation, creation) ?? {status: 201}
  }

  openResource(creation: OriginRequest): UploadResource {
    const id = randomUUID()
    const resource = new UploadResource(`${uploads}${id}`, creation, this.openPlace(id))
    const {maxAge} = this.options.limits ?? {}
    if (maxAge !== undefined) resource.expires = performance.now() + maxAge * 1000
    this.resources.push(resource)
    return resource
  }

  openPlace(id: string = randomUUID()): ContentPlace {
    const {folder} = this.options
    return folder === undefined ? new MemoryPlace() : new FilePlace(folder, id)
  }

  /** What Location says of an upload, for the first time or again. */
  locationOf({path}: UploadResource, time: 'first' | 'again'): string {
    const {location = 'absolute'} = this.options
    if (location === 'relative') return path
    if (location === 'otherOrigin') return this.elsewhere.url(path)
    return this.url(location === 'changing' && time === 'again' ? `${path}-moved` : path)
  }

  /**
   * A newer request for the same upload ends the ones that are under way (draft, Concurrency). A client that still holds
   * them open has broken a rule, unless it cancels.
   */
  async endOthers(resource: UploadResource, {kind}: Incoming): Promise<void> {
    for (const other of resource.underway) {
      await other.untilOver(grace)
      if (!other.isUnderway) continue
      if (kind !== 'cancel') this.violate(`${kind} while content of ${resource.path} is under way`)
      other.terminate()
    }
  }

  /** Closes it. Rejects with an AggregateError of violations that nobody has taken, and of the server's own failures. */
  async close(): Promise<void> {
    await Promise.all([this.origin.close(), this.elsewhere.close()])
    const violations = this.takeViolations().map(violation => new Error(violation))
    const failures = [...violations, ...this.origin.failures, ...this.elsewhere.failures]
    if (failures.length > 0) {
      throw new AggregateError(failures, `A client has broken rules: ${failures.map(String).join('; ')}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #serve(request: OriginRequest, reply: Reply): Promise<void> {
    const resource = this.resources.find(({path}) => path === request.path)
    const kind = kindOf(request, {
      isOfUpload: request.path.startsWith(uploads),
      isSpoken: this.speaks(request)
    })
    const incoming = new Incoming(kind, {request, reply, fault: this.#nextFault(kind)})
    this.log.push(incoming)
    if (kind === 'create') return create(this, incoming)
    if (kind === 'plain') return takePlainly(this, incoming)
    if (kind === 'options') return answerOptions(this, incoming)
    if (incoming.fault.forgets || (resource && resource.expires <= performance.now())) resource?.forget()
    if (!resource?.isActive) return incoming.answer(404)
    if (!this.speaks(request)) this.violate(`${request.method} without this interop version`)
    await this.endOthers(resource, incoming)
    if (kind === 'append') return append(this, resource, incoming)
    return kind === 'cancel' ? cancel(this, resource, incoming) : tellState(this, resource, incoming)
  }

  #nextFault(kind: RequestKind): Fault {
    const index = this.#seen.get(kind) ?? 0
    this.#seen.set(kind, index + 1)
    return this.options.faults?.[kind]?.[index] ?? {}
  }
}

function kindOf(request: OriginRequest, at: {isOfUpload: boolean; isSpoken: boolean}): RequestKind {
  const {method} = request
  if (method === 'OPTIONS') return 'options'
  if (at.isOfUpload) return method === 'PATCH' ? 'append' : method === 'DELETE' ? 'cancel' : 'state'
  return at.isSpoken && booleanField(request, 'upload-complete') !== undefined ? 'create' : 'plain'
}

/** Starts a server on free ports of the loopback interface. `await using` closes it with the block. */
export async function startDraftServer(options: DraftServerOptions = {}): Promise<DraftServer> {
  const {tls, port} = options
  const origin = await startOrigin({...(tls && {tls}), ...(port !== undefined && {port})})
  const elsewhere = await startOrigin(tls ? {tls} : {})
  return new DraftServer(options, {origin, elsewhere})
}
