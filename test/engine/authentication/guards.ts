import {createHash} from 'node:crypto'
import type {Handler} from '../../origin/connection.ts'
import {respond} from '../../origin/handlers.ts'
import type {OriginRequest} from '../../origin/request.ts'

export interface Person {
  readonly user: string
  readonly password: string
}

const welcome: Handler = (request, reply) => reply.respond(200, {}, `welcome to ${request.target}`)

/** Answers 401 with these challenges. */
export function challenge(...challenges: readonly string[]): Handler {
  return respond(
    401,
    challenges.map(each => ['WWW-Authenticate', each] as const),
    'who are you?'
  )
}

/** Lets one person in by Basic. */
export function basicGuard({user, password}: Person, inside: Handler = welcome, realm = 'guarded'): Handler {
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return (request, reply) => {
    const enter = request.header('authorization') === wanted ? inside : challenge(`Basic realm="${realm}"`)
    return enter(request, reply)
  }
}

/** Lets the bearer of one token in. */
export function bearerGuard(token: string, inside: Handler = welcome): Handler {
  return (request, reply) => {
    const enter =
      request.header('authorization') === `Bearer ${token}` ? inside : challenge('Bearer realm="guarded"')
    return enter(request, reply)
  }
}

export interface DigestRules {
  readonly algorithm?: string
  readonly qop?: string | undefined
  readonly realm?: string
  /** Answers that one nonce is good for; then it is stale. */
  readonly uses?: number
  /** Names the next nonce with every answer. */
  readonly next?: true
  readonly extra?: string
  /** Who answers those that were let in. */
  readonly inside?: Handler
}

const names: Readonly<Record<string, string>> = {MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256'}

/** Lets one person in by Digest, as RFC 7616 has a server check it: every count of a nonce once, in order. */
export class DigestGuard {
  /** The parameters of every answer that was accepted. */
  readonly accepted: ReadonlyMap<string, string>[] = []
  readonly #person: Person
  readonly #rules: DigestRules
  #nonce = 'nonce-1'
  #issued = 1
  #count = 0

  constructor(person: Person, rules: DigestRules = {}) {
    this.#person = person
    this.#rules = {qop: 'auth', ...rules}
  }

  readonly handle: Handler = (request, reply) => {
    const given = parametersOf(request.header('authorization') ?? '')
    if (!given || !this.#isRight(request, given)) {
      // Whoever asks anew gets a nonce that nobody has counted.
      if (this.#count > 0) this.#renew()
      return this.#challenge('')(request, reply)
    }
    if (given.get('nonce') !== this.#nonce || this.#count >= (this.#rules.uses ?? Infinity)) {
      this.#renew()
      return this.#challenge(', stale=true')(request, reply)
    }
    const isCounted = this.#rules.qop !== undefined
    if (isCounted && Number.parseInt(given.get('nc') ?? '', 16) !== this.#count + 1)
      return this.#challenge('')(request, reply)
    this.#count += 1
    this.accepted.push(given)
    if (this.#rules.inside) return this.#rules.inside(request, reply)
    if (this.#rules.next) this.#renew()
    const info = this.#rules.next ? {'authentication-info': `nextnonce="${this.#nonce}"`} : {}
    return reply.respond(200, info, `welcome to ${request.target}`)
  }

  get #realm(): string {
    return this.#rules.realm ?? 'guarded'
  }

  #renew(): void {
    this.#issued += 1
    this.#nonce = `nonce-${this.#issued}`
    this.#count = 0
  }

  #challenge(more: string): Handler {
    const {algorithm, qop, extra} = this.#rules
    const parts = [
      `Digest realm="${this.#realm}", nonce="${this.#nonce}", opaque="opaque"`,
      ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
      ...(qop === undefined ? [] : [`qop="${qop}"`]),
      ...(extra === undefined ? [] : [extra])
    ]
    return challenge(parts.join(', ') + more)
  }

  #isRight({method, target, body: entity}: OriginRequest, given: ReadonlyMap<string, string>): boolean {
    const {algorithm = 'MD5'} = this.#rules
    const hash = (text: string | Buffer): string =>
      createHash(names[algorithm.replace(/-sess$/, '')] ?? '')
        .update(text)
        .digest('hex')
    const value = (name: string): string => given.get(name) ?? ''
    const {user, password} = this.#person
    const plain = hash(`${user}:${this.#realm}:${password}`)
    const isSession = algorithm.endsWith('-sess')
    const secret = isSession ? hash(`${plain}:${value('nonce')}:${value('cnonce')}`) : plain
    const body = value('qop') === 'auth-int' ? `:${hash(entity)}` : ''
    const request = hash(`${method}:${target}${body}`)
    const protection = given.has('qop') ? `:${value('nc')}:${value('cnonce')}:${value('qop')}` : ''
    const isForThis = value('uri') === target && value('opaque') === 'opaque'
    return isForThis && value('response') === hash(`${secret}:${value('nonce')}${protection}:${request}`)
  }
}

/** The parameters of a Digest answer; undefined for any other. */
export function parametersOf(authorization: string): ReadonlyMap<string, string> | undefined {
  if (!authorization.startsWith('Digest ')) return undefined
  const pairs = authorization.slice(7).matchAll(/([a-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^",]+))/g)
  return new Map([...pairs].map(([, name = '', quoted, plain = '']) => [name, quoted ?? plain]))
}
