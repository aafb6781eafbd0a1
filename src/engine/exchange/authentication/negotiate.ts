import {setTimeout as sleep} from 'node:timers/promises'
import type {Credential} from '../../authentication-challenge.ts'
import {TransferError} from '../../transfer-error.ts'
import {loadKerberos} from './kerberos-package.ts'
import type {SecurityContext, SecurityContextOptions} from './kerberos-package.ts'
import type {Negotiation, NegotiationOptions} from './negotiation.ts'
import {ntlmInside, ntlmOutside, ntlmWish} from './ntlm-in-spnego.ts'
import {signInTrouble} from './sign-in-trouble.ts'
import type {Service} from './sign-in-trouble.ts'
import {bareHost} from '../dial.ts'

// The server proves itself too (RFC 4559, 4.1), and nothing is delegated to it.
const mutualAuthentication = 2
// The libraries wait long for a distribution centre that does not answer, and nobody can interrupt them.
const patience = 10_000

/**
 * Begins to sign in with the login that the system already has: a Kerberos ticket, or what gss-ntlmssp knows. Throws a
 * TransferError with what to do about it where the package is absent; the steps throw one where the system has no login
 * for this server, or where the server's token is not what it should be.
 */
export async function beginNegotiation({host, method, credential}: NegotiationOptions): Promise<Negotiation> {
  const service = {host: bareHost(host), method}
  const library = await loadKerberos(service)
  const context = await patiently(
    library.initializeClient(serviceName(service.host), {
      mechOID: library.GSS_MECH_OID_SPNEGO,
      flags: mutualAuthentication,
      ...identityOf(credential)
    }),
    service
  )
  return method === 'NTLM' ? new NtlmNegotiation(context, service) : new SpnegoNegotiation(context, service)
}

class SpnegoNegotiation implements Negotiation {
  readonly #context: SecurityContext
  readonly #service: Service

  constructor(context: SecurityContext, service: Service) {
    this.#context = context
    this.#service = service
  }

  get isWhole(): boolean {
    return this.#context.contextComplete
  }

  async step(token: string | undefined): Promise<string | undefined> {
    const service = {...this.#service, turn: token === undefined ? 'first' : 'later'} as const
    return (await patiently(this.#context.step(token ?? ''), service)) ?? undefined
  }
}

/** GSSAPI speaks NTLM inside SPNEGO only, servers that ask for NTLM want it bare: so it is taken out and put in. */
class NtlmNegotiation implements Negotiation {
  readonly #spnego: SpnegoNegotiation
  readonly #service: Service
  #isWhole = false

  constructor(context: SecurityContext, service: Service) {
    this.#spnego = new SpnegoNegotiation(context, service)
    this.#service = service
  }

  get isWhole(): boolean {
    return this.#isWhole
  }

  async step(token: string | undefined): Promise<string | undefined> {
    if (this.#isWhole) return undefined
    if (token === undefined) return this.#message(await this.#first())
    this.#isWhole = true
    return this.#message(await this.#spnego.step(ntlmOutside(token)))
  }

  async #first(): Promise<string | undefined> {
    const offer = await this.#spnego.step(undefined)
    // With a Kerberos ticket at hand, that is what GSSAPI begins with.
    return offer === undefined || ntlmInside(offer) !== undefined ? offer : this.#spnego.step(ntlmWish)
  }

  #message(token: string | undefined): string {
    const message = token === undefined ? undefined : ntlmInside(token)
    if (message === undefined) throw signInTrouble(this.#service, undefined)
    return message
  }
}

function serviceName(host: string): string {
  return process.platform === 'win32' ? `HTTP/${host}` : `HTTP@${host}`
}

// Only Windows makes a login of a name and password; elsewhere kinit does.
function identityOf(credential: Credential): Partial<SecurityContextOptions> {
  if (credential.kind !== 'password') return {}
  const {user, password} = credential
  if (process.platform === 'win32') return {user, password}
  if (password === '') return user === '' ? {} : {principal: user}
  throw new TransferError('HTTP_STATUS', 'Kerberos and NTLM need a login of the system, not a password', {
    hint: 'Log in with kinit, then ask with --negotiate alone.'
  })
}

async function patiently<T>(answer: Promise<T>, service: Service): Promise<T> {
  const given = new AbortController()
  const silence = sleep(patience, undefined, {signal: given.signal}).then(() => {
    throw new Error(`No KDC answered within ${patience / 1000} s`)
  })
  try {
    return await Promise.race([answer, silence])
  } catch (cause) {
    throw signInTrouble(service, cause)
  } finally {
    given.abort()
    silence.catch(() => {})
  }
}
