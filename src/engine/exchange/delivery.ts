import type {Dispatcher} from 'undici'
import type {CertificateCredential} from '../authentication-challenge.ts'
import {parseChallenges} from '../fields/www-authenticate.ts'
import type {Task} from '../task.ts'
import {ConnectError} from './connect-error.ts'
import type {ConnectionPool} from './connection-pool.ts'
import type {Exchange} from './exchange.ts'
import {fieldsOf, valuesOf} from './framing.ts'
import {OutgoingBody} from './outgoing-body.ts'
import {ProxyAuthenticationRequired} from './proxy/connect-tunnel.ts'
import type {Authorization, ProxyRefusal} from './proxy/proxy-authenticator.ts'
import {isHttp2Failure} from './http2-failure.ts'
import {askSession} from './session-challenge.ts'
import {steadyTime} from './steady-time.ts'
import {translateError, wantsClientCertificate} from './translate-error.ts'

/** What the network has for one request. */
export interface Passage {
  readonly task: Task | undefined
  /** The connections it may use now; throws CONFIGURATION_REFUSED. */
  readonly pool: () => ConnectionPool
  /** From now on the origin is asked over HTTP/1.1. */
  readonly giveUpHttp2: () => void
  /** From now on the task takes this certificate of the origin. */
  readonly trust: (certificate: string) => void
  /** Does the task show a client certificate to the origin? */
  readonly hasIdentity: () => boolean
  /** From now on the task shows this one to the origin. */
  readonly show: (identity: CertificateCredential) => void
  /** Milliseconds to wait for the origin's word before a body is sent; 0: it is not asked (Expect). */
  readonly patience: () => number
  /** From now on the origin is not asked. */
  readonly giveUpExpecting: () => void
}

// RFC 9110, 9.2.2: asking these twice is asking once.
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
// A name and password that were wrong, others, a nonce too old, and some room.
const mostTries = 6
// What is refused costs less than asking whether it will be.
const askedFrom = 1024 * 1024
// Connections of HTTP/2 do not say how much of a piece they have sent: only small ones show that something moves.
const mostOverHttp2 = 64 * 1024
// Whoever gives the same certificate again and again is not asked for ever.
const mostIdentities = 3

/**
 * Brings one exchange on its way, and once more where something on the way can be mended before anybody has answered: a
 * proxy or TLS asks who we are, a delegate trusts a certificate, HTTP/2 does not work. The exchange hears the outcome
 * only.
 */
export class Delivery implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange
  readonly #passage: Passage
  #pool: ConnectionPool | undefined
  #sent: Authorization | undefined
  #tries = 0
  #identitiesAsked = 0
  #identitiesRefused = 0
  /** The answer is one that leads to the same request again, for this reason: nobody needs its body. */
  #swallowedFor: 'challenge' | 'retry' | undefined

  constructor(exchange: Exchange, passage: Passage) {
    this.#exchange = exchange
    this.#passage = passage
  }

  get #hasEnded(): boolean {
    return this.#exchange.figures.responseEnd !== undefined
  }

  start(reason: 'challenge' | 'retry' = 'retry'): void {
    this.#tries += 1
    this.#swallowedFor = undefined
    this.#pool = this.#passage.pool()
    const body = this.#nextBody(reason)
    this.#sent = this.#pool.dispatch(this.#exchange.request, {body, handler: this})
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    try {
      this.#passage.task?.willSend(this.#exchange.request)
    } catch (error) {
      this.#exchange.abort(translateError(error, {request: this.#exchange.request, phase: 'connecting'}))
    }
    this.#exchange.onRequestStart(controller)
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: unknown,
    text?: string
  ): void {
    const introduce = (): void => this.#exchange.onResponseStart(controller, status, headers, text)
    const {outgoing} = this.#exchange
    // It is the answer, whatever may still come: whoever goes on sending talks to nobody (RFC 9112, 9.3).
    if (status >= 300) outgoing?.stop()
    if (status === 417 && outgoing?.hasAsked && this.#tries < mostTries) {
      this.#passage.giveUpExpecting()
      this.#swallowedFor = 'retry'
      return
    }
    if (status !== 407 || this.#pool?.way.kind !== 'forward' || this.#tries >= mostTries) return introduce()
    controller.pause()
    const fields = fieldsOf(controller.rawHeaders)
    const challenges = parseChallenges(valuesOf(fields, 'proxy-authenticate'))
    const {url} = this.#exchange.request
    const response = {url, status, statusText: text ?? '', headers: fields, expectedContentLength: undefined}
    this.#consider({challenges, sent: this.#sent, task: this.#passage.task, response}).then(
      verdict => {
        if (verdict === 'over') return introduce()
        this.#swallowedFor = 'challenge'
        controller.resume()
      },
      (error: unknown) => this.#fail(error)
    )
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#swallowedFor) this.#exchange.onResponseData(controller, chunk)
  }

  onResponseEnd(): void {
    if (this.#swallowedFor) this.#again(this.#swallowedFor)
    else this.#exchange.onResponseEnd()
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#swallowedFor) return this.#again(this.#swallowedFor)
    if (this.#stepsDown(error)) return this.#again('retry')
    const mended = this.#mend(error)
    if (!mended) return this.#exchange.onResponseError(controller, error)
    mended.then(
      verdict => {
        if (verdict === 'again')
          this.#again(error instanceof ProxyAuthenticationRequired ? 'challenge' : 'retry')
        else this.#exchange.onResponseError(controller, error)
      },
      (failure: unknown) => this.#fail(failure)
    )
  }

  #nextBody(reason: 'challenge' | 'retry'): OutgoingBody | undefined {
    const exchange = this.#exchange
    const {body: given} = exchange.request
    if (!given || given.length === 0) return undefined
    const before = exchange.outgoing
    const body = before?.again(reason) ?? given
    before?.close()
    exchange.outgoing = new OutgoingBody(body, {
      patience: (body.length ?? Infinity) >= askedFrom ? this.#passage.patience() : 0,
      most: this.#pool?.version === 'h2' ? mostOverHttp2 : undefined,
      onSilence: this.#passage.giveUpExpecting,
      onEnd: () => {
        exchange.figures.requestEnd = steadyTime()
      }
    })
    return exchange.outgoing
  }

  #again(reason: 'challenge' | 'retry'): void {
    if (this.#hasEnded) return
    try {
      this.start(reason)
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#exchange.abort(translateError(error, {request: this.#exchange.request, phase: 'connecting'}))
  }

  /** From HTTP/2 to HTTP/1.1: at once where nothing was answered, else with the next request of whoever tries again. */
  #stepsDown(error: Error): boolean {
    if (this.#pool?.version !== 'h2' || !isHttp2Failure(error)) return false
    this.#passage.giveUpHttp2()
    const {phase, request} = this.#exchange
    return phase !== 'receiving' && repeatable.has(request.method)
  }

  /** Undefined: there is nothing to mend. */
  #mend(error: Error): Promise<'again' | 'over'> | undefined {
    if (this.#hasEnded || this.#tries >= mostTries) return undefined
    if (error instanceof ProxyAuthenticationRequired) {
      const {challenges, sent} = error
      return this.#consider({challenges, sent, task: this.#passage.task, response: undefined})
    }
    if (this.#lacksIdentity(error)) return this.#askForIdentity(error)
    return error instanceof ConnectError ? this.#askForTrust(error) : undefined
  }

  #askForTrust(error: ConnectError): Promise<'again' | 'over'> | undefined {
    const {task} = this.#passage
    const {certificate, proxy} = error
    if (!task || certificate === undefined || proxy !== undefined) return undefined
    const {request} = this.#exchange
    const reason = translateError(error, {request, phase: 'connecting'})
    if (reason.code !== 'CERTIFICATE_REFUSED') return undefined
    const question = {
      url: request.url,
      method: 'ServerTrust',
      previousFailureCount: 0,
      error: reason
    } as const
    return askSession(task, question).then(credential => {
      if (credential?.kind !== 'trust') return 'over'
      this.#passage.trust(certificate)
      return 'again'
    })
  }

  // What comes late, after the request was sent, is from the other end of the connection: a proxy that reads requests.
  #lacksIdentity(error: Error): boolean {
    if (this.#passage.task === undefined || this.#exchange.phase === 'receiving') return false
    const isFromOrigin = error instanceof ConnectError || this.#exchange.phase === 'awaitingHead'
    return isFromOrigin && this.#pool?.way.kind !== 'forward' && wantsClientCertificate(error)
  }

  async #askForIdentity(error: Error): Promise<'again' | 'over'> {
    const {task, hasIdentity, show} = this.#passage
    if (hasIdentity()) this.#identitiesRefused += 1
    if (!task || this.#identitiesAsked >= mostIdentities) return 'over'
    this.#identitiesAsked += 1
    this.#exchange.startOver()
    const {request} = this.#exchange
    const credential = await askSession(task, {
      url: request.url,
      method: 'ClientCertificate',
      previousFailureCount: this.#identitiesRefused,
      error: translateError(error, {request, phase: 'connecting'})
    })
    if (credential?.kind !== 'certificate') return 'over'
    show(credential)
    return 'again'
  }

  async #consider(refusal: ProxyRefusal): Promise<'again' | 'over'> {
    return this.#pool?.authenticator?.consider(refusal) ?? 'over'
  }
}
