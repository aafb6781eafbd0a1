import type {
  AuthenticationChallenge,
  ChallengeDecision,
  Credential,
  ProtectionSpace
} from '../../authentication-challenge.ts'
import {parseChallenges} from '../../fields/www-authenticate.ts'
import type {Task} from '../../task.ts'
import {TransferError} from '../../transfer-error.ts'
import type {URLRequest, URLResponse} from '../../url-request.ts'
import {decisionOf} from '../decision.ts'
import {offersOf} from './offers.ts'
import type {Offer} from './offers.ts'
import type {Attempt, KnownCredential} from './attempt.ts'
import {attemptWith, continued, spaceOf} from './attempt-with.ts'
import type {Choice} from './attempt-with.ts'
import type {Identity} from './identity.ts'
import {refusedCredential} from './refused-credential.ts'
import {loginWanted, nothingUsable} from './login-wanted.ts'
import {isSameCredential} from './sign-ins.ts'

/** A credential that fails is not tried again; a delegate may offer others, but not for ever. */
const mostFailures = 3
/** Requests that a server may ask for without refusing anything: stale nonces, legs of Negotiate. */
const mostTurns = 8

export interface Asked {
  readonly request: URLRequest
  readonly response: URLResponse
  /** What the request had said, if it said something. */
  readonly attempt: Attempt | undefined
}

/** Answers the challenges of one hop: chooses, asks the delegate, and knows when to stop (R33, R34). */
export class Authenticator {
  readonly #task: Task
  readonly #identity: Identity
  #failures = 0
  #turns = 0
  #trouble: TransferError | undefined
  /** What has signed in by Digest, and so was never told. */
  #untold: Credential | undefined

  constructor(task: Task, identity: Identity) {
    this.#task = task
    this.#identity = identity
  }

  /** Why a 401 was not answered, where there is more to say than that nobody is known. */
  get trouble(): TransferError | undefined {
    return this.#trouble
  }

  /** What to say next to a 401; undefined: the 401 is the answer. Rejects where the delegate cancels. */
  async answer(asked: Asked): Promise<Attempt | undefined> {
    const lines = asked.response.headers.filter(([name]) => name === 'www-authenticate')
    const challenges = parseChallenges(lines.map(([, value]) => value))
    const offers = offersOf(challenges).filter(({method}) => this.#identity.allows(method))
    if (offers.length === 0) {
      this.#trouble = nothingUsable(challenges, asked)
      return undefined
    }
    const again = await this.#continued(offers, asked)
    if (again) return again
    if (asked.attempt?.method === 'Digest') this.#untold = asked.attempt.credential
    await this.#noteFailure(offers, asked)
    return this.#failures < mostFailures ? this.#choose(offers, asked) : undefined
  }

  async #continued(offers: readonly Offer[], asked: Asked): Promise<Attempt | undefined> {
    if (!asked.attempt || this.#turns >= mostTurns) return undefined
    this.#turns += 1
    return this.#possible(continued(asked.attempt, {offers, request: asked.request}))
  }

  // What the server did not ask for was not refused: after an unasked Basic, Digest may still be answered, and after a
  // guess for one realm, another.
  async #noteFailure(offers: readonly Offer[], {attempt, response}: Asked): Promise<void> {
    const refused = offers.find(
      ({method, realm}) =>
        method === attempt?.method && (attempt.basis !== 'memory' || realm === attempt.space?.realm)
    )
    if (!attempt || !refused) return
    this.#failures += 1
    if (!attempt.negotiation) this.#trouble = refusedCredential(response, attempt)
    const {signIns, stores} = this.#task.session
    signIns.forget(response.url, attempt.credential)
    const space = attempt.space ?? spaceOf(response.url, refused)
    const stored = await stores.credentials.credentialFor(space)
    if (stored && isSameCredential(stored, attempt.credential)) await stores.credentials.remove(space)
  }

  async #choose(offers: readonly Offer[], asked: Asked): Promise<Attempt | undefined> {
    let strongest: AuthenticationChallenge | undefined
    for (const offer of offers) {
      const space = spaceOf(asked.response.url, offer)
      const proposed = this.#failures === 0 ? await this.#identity.answerTo(space, asked.request) : undefined
      const challenge = this.#challenge(space, {proposed, response: asked.response})
      strongest ??= challenge
      const {decision, isAsked} = await this.#decide(challenge)
      const known = this.#withheld(offer, {known: chosen(decision, proposed), url: asked.request.url})
      const attempt = known && (await this.#attempt({known, offer, space, request: asked.request}))
      if (attempt) {
        this.#tell(challenge, 'useCredential')
        return attempt
      }
      if (isAsked) this.#tell(challenge, settled(decision))
      if (decision.disposition === 'cancel') throw cancelled(this.#task)
    }
    if (strongest && !this.#delegateFor(strongest)) this.#tell(strongest, 'performDefaultHandling')
    this.#trouble ??= loginWanted(offers, asked)
    return undefined
  }

  // A password that Digest has kept to itself is not told in the open because somebody on the way asks for that.
  #withheld(
    {method}: Offer,
    {known, url}: {known: KnownCredential | undefined; url: URL}
  ): KnownCredential | undefined {
    const isOpen = method === 'Basic' && url.protocol === 'http:'
    if (!known || !isOpen || !this.#untold || this.#identity.introduces(known)) return known
    if (known.source === 'delegate' || !isSameCredential(known.credential, this.#untold)) return known
    this.#trouble = passwordInTheOpen(url)
    return undefined
  }

  #attempt(choice: Choice): Promise<Attempt | undefined> {
    return this.#possible(attemptWith(this.#task, choice))
  }

  // A login of the system that cannot be used leaves it to the next offer, and at last the 401 is the answer (R35).
  async #possible(attempt: Promise<Attempt | undefined>): Promise<Attempt | undefined> {
    return attempt.catch((error: unknown) => {
      if (!(error instanceof TransferError) || error.code !== 'HTTP_STATUS') throw error
      this.#trouble = error
      return undefined
    })
  }

  #challenge(
    protectionSpace: ProtectionSpace,
    {proposed, response}: {proposed: KnownCredential | undefined; response: URLResponse}
  ): AuthenticationChallenge {
    const {method} = protectionSpace
    return {
      scope: method === 'Negotiate' || method === 'NTLM' ? 'session' : 'task',
      protectionSpace,
      proposedCredential: proposed?.credential,
      previousFailureCount: this.#failures,
      failureResponse: response,
      error: undefined
    }
  }

  async #decide(
    challenge: AuthenticationChallenge
  ): Promise<{decision: ChallengeDecision; isAsked: boolean}> {
    const asked = this.#delegateFor(challenge)
    if (!asked) return {decision: {disposition: 'performDefaultHandling'}, isAsked: false}
    const decision = await decisionOf(
      this.#task,
      asked.call(this.#task.session.delegate, this.#task, challenge)
    )
    return {decision, isAsked: true}
  }

  #delegateFor({scope}: AuthenticationChallenge) {
    const {delegate} = this.#task.session
    return scope === 'session'
      ? (delegate.didReceiveSessionChallenge ?? delegate.didReceiveChallenge)
      : delegate.didReceiveChallenge
  }

  #tell(challenge: AuthenticationChallenge, disposition: ChallengeDecision['disposition']): void {
    this.#task.session.delegate.didDecideChallenge?.(this.#task, {...challenge, disposition})
  }
}

function chosen(
  decision: ChallengeDecision,
  proposed: KnownCredential | undefined
): KnownCredential | undefined {
  switch (decision.disposition) {
    case 'useCredential':
      return sourced(decision.credential, proposed)
    case 'performDefaultHandling':
      return proposed
    case 'cancel':
    case 'rejectProtectionSpace':
      return undefined
  }
}

// A delegate that takes what was proposed has brought nothing of its own.
function sourced(credential: Credential, proposed: KnownCredential | undefined): KnownCredential {
  return proposed && isSameCredential(credential, proposed.credential)
    ? proposed
    : {credential, source: 'delegate'}
}

// A credential that cannot answer this method leaves it to the next one.
function settled({disposition}: ChallengeDecision): ChallengeDecision['disposition'] {
  return disposition === 'useCredential' ? 'rejectProtectionSpace' : disposition
}

function passwordInTheOpen({hostname}: URL): TransferError {
  const message = `${hostname} asks for the password in the open after Digest; it was not told`
  return new TransferError('HTTP_STATUS', message, {
    hint: 'Use https, or leave --anyauth out if everybody on the way may read the password.'
  })
}

function cancelled(task: Task): TransferError {
  task.stop('cancel')
  return new TransferError('CANCELLED', 'The delegate refused to sign in')
}
