import type {AuthenticationMethod, Credential, ProtectionSpace} from '../../authentication-challenge.ts'
import type {ConfigurationKeys} from '../../configuration-keys.ts'
import {findNetrcEntry, parseNetrc} from '../../fields/netrc.ts'
import type {Task} from '../../task.ts'
import {hasHeader} from '../../url-request.ts'
import type {URLRequest} from '../../url-request.ts'
import {fits} from './attempt.ts'
import type {Attempt, KnownCredential} from './attempt.ts'
import {basicAuthorization, bearerAuthorization} from './authorization.ts'
import {hostIdentity} from './host-identity.ts'
import type {SignIn} from './sign-ins.ts'

type Credentials = Partial<ConfigurationKeys['credentials']>

interface Beginning {
  /** Where the task starts, as it is really asked. */
  readonly url: URL
  /** The name and password of the task's address. */
  readonly userinfo: {readonly user: string; readonly password: string} | undefined
}

/**
 * Who a task may say it is, at the place it has come to. At home, the origin it began with, that is whoever its options,
 * its address or its session name. Elsewhere only what belongs to that place: once a redirection has led away, nothing
 * brings the rest back (security P5; CVE-2024-45336).
 */
export class Identity {
  readonly #task: Task
  readonly #userinfo: Beginning['userinfo']
  #url: URL
  #place: 'home' | 'trusted' | 'away' = 'home'

  constructor(task: Task, {url, userinfo}: Beginning) {
    this.#task = task
    this.#url = url
    this.#userinfo = userinfo
  }

  /** home: the origin that the task began with, as long as nothing has led away from it. */
  get place(): 'home' | 'elsewhere' {
    return this.#place === 'home' ? 'home' : 'elsewhere'
  }

  /** Follows a redirection. */
  travel(to: URL): void {
    const from = this.#url
    this.#url = to
    if (from.origin === to.origin || this.#place === 'away') return
    const isDowngrade = from.protocol === 'https:' && to.protocol === 'http:'
    this.#place = this.#task.keys.redirects.trusted && !isDowngrade ? 'trusted' : 'away'
  }

  /** May this method be used at all? */
  allows(method: AuthenticationMethod): boolean {
    return this.#task.options.authentication?.methods !== 'digest' || method === 'Digest'
  }

  /** Is this credential one that is told without being asked, as Basic? */
  introduces({source}: KnownCredential): boolean {
    const methods = this.#task.options.authentication?.methods ?? 'preemptive'
    return methods === 'preemptive' && (source === 'task' || source === 'address' || source === 'netrc')
  }

  /** What is said without being asked; undefined: nothing. */
  introduction(request: URLRequest): Attempt | undefined {
    if (bringsOwn(request)) return undefined
    const remembered = this.#signIn()
    if (remembered) return this.#repeated(remembered, request)
    const first = this.#first()
    if (!first) return undefined
    const {credential} = first
    if (credential.kind === 'password')
      return {
        ...first,
        method: 'Basic',
        value: basicAuthorization(credential),
        space: undefined,
        basis: 'nothing'
      }
    if (credential.kind === 'bearer')
      return {
        ...first,
        method: 'Bearer',
        value: bearerAuthorization(credential.token),
        space: undefined,
        basis: 'nothing'
      }
    return undefined
  }

  /** What answers a challenge, before anybody was asked. */
  async answerTo(space: ProtectionSpace, request: URLRequest): Promise<KnownCredential | undefined> {
    if (bringsOwn(request)) return undefined
    const known = [this.#own(), ...this.#configured(), this.#netrc()]
    const found = known.find(each => each !== undefined && mayAnswer(space.method, each))
    if (found || this.#isGivenOnly) return found
    const credential = await this.#task.session.stores.credentials.credentialFor(space)
    return credential && fits(space.method, credential) ? {credential, source: 'store'} : undefined
  }

  // Of resume data that others made, only what was given with it is used: it chose the address.
  get #isGivenOnly(): boolean {
    return this.#task.options.credentials === 'given'
  }

  #first(): KnownCredential | undefined {
    const methods = this.#task.options.authentication?.methods ?? 'preemptive'
    const own = this.#own()
    if (methods === 'preemptive' && own) return own
    const bearer = this.#configured().find(({credential}) => credential.kind === 'bearer')
    if (bearer && methods !== 'digest') return bearer
    return methods === 'preemptive' && this.#place === 'home' ? this.#netrc() : undefined
  }

  #signIn(): SignIn | undefined {
    if (this.#place !== 'home' || this.#isGivenOnly) return undefined
    const signIn = this.#task.session.signIns.find(this.#url, this.#own()?.credential)
    return signIn && this.allows(signIn.space.method) ? signIn : undefined
  }

  #repeated({credential, digest, space}: SignIn, {method, body}: URLRequest): Attempt | undefined {
    // Reading a body to sign it along is for a server that asks for that now.
    if (body && digest?.challenge?.qop === 'auth-int') return undefined
    const repeated = {credential, source: 'store', method: space.method, space, basis: 'memory'} as const
    if (credential.kind === 'bearer') return {...repeated, value: bearerAuthorization(credential.token)}
    if (credential.kind !== 'password') return undefined
    if (!digest) return {...repeated, value: basicAuthorization(credential)}
    const value = digest.answer({method, uri: targetOf(this.#url)}, credential)
    return value === undefined ? undefined : {...repeated, value, digest}
  }

  #own(): KnownCredential | undefined {
    if (this.#place === 'away') return undefined
    const given = this.#task.options.authentication?.credential
    if (given) return {credential: given, source: 'task'}
    if (!this.#userinfo) return undefined
    // A name alone asks for its own password, never for that of another (CVE-2026-8926).
    const found = this.#userinfo.password === '' ? this.#netrc() : undefined
    return found ?? {credential: {kind: 'password', ...this.#userinfo}, source: 'address'}
  }

  #configured(): readonly KnownCredential[] {
    const {user, password, bearer, negotiate} = this.#credentials()
    const known: Credential[] = []
    if (negotiate) known.push({kind: 'ticket'})
    if (bearer !== undefined) known.push({kind: 'bearer', token: bearer})
    if (user !== undefined && password !== undefined) known.push({kind: 'password', user, password})
    return known.map(credential => ({credential, source: 'configuration'}))
  }

  #netrc(): KnownCredential | undefined {
    const {netrc} = this.#task.session.configuration.keysFor(this.#url).credentials
    if (netrc === undefined || this.#isGivenOnly) return undefined
    const isHome = this.#place === 'home'
    // The file knows neither port nor scheme: a server leads to what the entry most likely means, or to nothing.
    const isOwnPort = this.#url.protocol === 'https:' && this.#url.port === ''
    if (!isHome && !isOwnPort) return undefined
    const found = findNetrcEntry(parseNetrc(netrc), {
      host: this.#url.hostname,
      user: isHome ? (this.#userinfo?.user ?? this.#credentials().user) : undefined,
      default: isHome ? 'usable' : 'unusable'
    })
    return (
      found && {
        credential: {kind: 'password', user: found.login, password: found.password},
        source: 'netrc'
      }
    )
  }

  #credentials(): Credentials {
    if (this.#isGivenOnly) return {}
    const {configuration} = this.#task.session
    return this.#place === 'home'
      ? configuration.keysFor(this.#url).credentials
      : hostIdentity(configuration.keys, this.#url).credentials
  }
}

/** The target of a request as it is sent. */
export function targetOf({pathname, search}: URL): string {
  return pathname + search
}

/** Does the request say itself who asks, or that nobody does? */
function bringsOwn({headers}: URLRequest): boolean {
  return hasHeader(headers, 'authorization')
}

// Kerberos and NTLM take the login of the system unless somebody decides otherwise: a password meant for a weaker method is
// no reason to pass that one by.
function mayAnswer(method: AuthenticationMethod, {credential}: KnownCredential): boolean {
  if (method === 'Negotiate' || method === 'NTLM') return credential.kind === 'ticket'
  return fits(method, credential)
}
