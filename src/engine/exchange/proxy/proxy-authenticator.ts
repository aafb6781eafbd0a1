import type {AuthenticationChallenge, ChallengeDecision, Credential} from '../../authentication-challenge.ts'
import type {Challenge} from '../../fields/www-authenticate.ts'
import type {Task} from '../../task.ts'
import {TransferError} from '../../transfer-error.ts'
import type {URLResponse} from '../../url-request.ts'
import {offersOf} from '../authentication/offers.ts'
import type {Offer} from '../authentication/offers.ts'
import {basicAuthorization} from '../authentication/authorization.ts'
import {DigestState} from '../authentication/digest.ts'
import type {SignedRequest} from '../authentication/digest.ts'
import {decisionOf} from '../decision.ts'
import type {ProxyAddress} from './proxy-address.ts'

/** What was said to a proxy, and with which of the answers that were tried so far. */
export interface Authorization {
  readonly value: string
  readonly round: number
}

/** A proxy's 407, and who met it. */
export interface ProxyRefusal {
  readonly challenges: readonly Challenge[]
  readonly sent: Authorization | undefined
  readonly task: Task | undefined
  readonly response: URLResponse | undefined
}

type Password = Extract<Credential, {kind: 'password'}>
type PasswordOffer = Extract<Offer, {method: 'Digest'} | {method: 'Bearer' | 'Basic'}>

/**
 * Who we are for one proxy. Nothing is said before it asks; what it took once is said at once from then on. Only this
 * proxy ever hears it (RFC 9110, 11.7.2).
 */
export class ProxyAuthenticator {
  readonly #proxy: ProxyAddress
  readonly #digest = new DigestState()
  #credential: Password | undefined
  #method: 'Digest' | 'Basic' | undefined
  #round = 0
  #failures = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(proxy: ProxyAddress) {
    this.#proxy = proxy
  }

  /** The value of Proxy-Authorization for a request; undefined as long as nobody has asked. */
  next(request: SignedRequest): Authorization | undefined {
    const credential = this.#credential
    if (!credential || !this.#method) return undefined
    const value =
      this.#method === 'Basic' ? basicAuthorization(credential) : this.#digest.answer(request, credential)
    return value === undefined ? undefined : {value, round: this.#round}
  }

  /** Looks for an answer to a 407: try again, or give up? Several tasks that meet it at once find one answer. */
  consider(refusal: ProxyRefusal): Promise<'again' | 'over'> {
    const turn = this.#turn.then(() => this.#consider(refusal))
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #consider(refusal: ProxyRefusal): Promise<'again' | 'over'> {
    // Somebody has answered since this request went out.
    if ((refusal.sent?.round ?? 0) !== this.#round) return 'again'
    const offers = offersOf(refusal.challenges).filter(isForPasswords)
    const offer = offers[0]
    if (!offer) return 'over'
    if (offer.method === 'Digest' && offer.digest.isStale && this.#method === 'Digest')
      return this.#take(offer)
    if (refusal.sent) this.#failures += 1
    const {user, password = ''} = this.#proxy
    const known: Password | undefined =
      user === undefined || this.#failures > 0 ? undefined : {kind: 'password', user, password}
    for (const each of offers) {
      const credential = await this.#decide(each, {refusal, known})
      if (credential === 'next') continue
      if (!credential) return 'over'
      this.#credential = credential
      return this.#take(each)
    }
    return 'over'
  }

  #take(offer: PasswordOffer): 'again' {
    if (offer.method === 'Digest') this.#digest.adopt(offer.digest)
    this.#method = offer.method === 'Digest' ? 'Digest' : 'Basic'
    this.#round += 1
    return 'again'
  }

  async #decide(
    offer: PasswordOffer,
    {refusal, known}: {refusal: ProxyRefusal; known: Password | undefined}
  ): Promise<Password | undefined | 'next'> {
    const {task, response} = refusal
    if (!task) return known
    const {delegate} = task.session
    const challenge: AuthenticationChallenge = {
      scope: 'task',
      protectionSpace: this.#space(offer),
      proposedCredential: known,
      previousFailureCount: this.#failures,
      failureResponse: response,
      error: undefined
    }
    const asked = delegate.didReceiveChallenge
    const decision: ChallengeDecision = asked
      ? await decisionOf(task, asked.call(delegate, task, challenge))
      : {disposition: 'performDefaultHandling'}
    delegate.didDecideChallenge?.(task, {...challenge, disposition: decision.disposition})
    switch (decision.disposition) {
      case 'useCredential':
        return decision.credential.kind === 'password' ? decision.credential : undefined
      case 'performDefaultHandling':
        return known
      case 'rejectProtectionSpace':
        return 'next'
      case 'cancel':
        task.cancel()
        throw new TransferError('CANCELLED', 'The task was cancelled when the proxy asked who it is')
    }
  }

  #space({method, realm}: PasswordOffer): AuthenticationChallenge['protectionSpace'] {
    const {kind, host, port} = this.#proxy
    return {protocol: kind === 'https' ? 'https' : 'http', host, port, realm, method, isProxy: true}
  }
}

function isForPasswords(offer: Offer): offer is PasswordOffer {
  return offer.method === 'Digest' || offer.method === 'Basic'
}
