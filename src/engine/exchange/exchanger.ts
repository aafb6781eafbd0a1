import type {ConfigurationKeys} from '../configuration-keys.ts'
import type {Task} from '../task.ts'
import type {URLRequest} from '../url-request.ts'
import {ConnectionPool} from './connection-pool.ts'
import type {ConnectionObserver} from './connection.ts'
import {Deadlines} from './deadlines.ts'
import {Delivery} from './delivery.ts'
import {Exchange} from './exchange.ts'
import {IdentityGuard} from './identity-guard.ts'
import {chooseProxy} from './proxy/choose-proxy.ts'
import type {Way} from './proxy/choose-proxy.ts'
import {ProxyAuthenticator} from './proxy/proxy-authenticator.ts'
import {nameOf} from './proxy/proxy-address.ts'
import type {ProxyAddress} from './proxy/proxy-address.ts'
import {hasIdentity, showing} from './secure-context.ts'
import {translateError} from './translate-error.ts'

// Large enough that a fast link needs few system calls, small enough to stay in the processor's cache.
const bufferSize = 512 * 1024

/** Who sends a request. */
export interface Sender {
  readonly task: Task
  /**
   * Requests with the same negotiation share one connection, as long as it lives, and no other request uses it: Negotiate
   * and NTLM sign in connections.
   */
  readonly negotiation?: object | undefined
  /** never: the server is not asked whether it wants a body. */
  readonly expectation?: 'never' | undefined
}

/** What exchanges with the same keys share. */
export interface Surroundings {
  readonly observer: ConnectionObserver
  readonly deadlines: Deadlines
}

/** What a delegate has decided about the connections of one task to one origin. */
interface Grant {
  /** SHA-256 fingerprint of a certificate that the task takes. */
  readonly trusted?: string
  /** The keys with the client certificate that the task shows. */
  readonly keys?: ConfigurationKeys
}

/** The network of one session: its connections, their limits and their clock. */
export class Exchanger {
  readonly #observer: ConnectionObserver = {onRequest: undefined}
  readonly #pools = new Map<ConfigurationKeys, Map<string, ConnectionPool>>()
  readonly #deadlines = new WeakMap<ConfigurationKeys, Deadlines>()
  readonly #retired = new Set<ConnectionPool>()
  readonly #authenticators = new Map<string, ProxyAuthenticator>()
  /** Origins whose HTTP/2 has failed: they are asked over HTTP/1.1 from then on. */
  readonly #withoutHttp2 = new Set<string>()
  /** Origins that do not say whether they want a body. */
  readonly #withoutExpectation = new Set<string>()
  /** By task and origin. */
  readonly #granted = new Map<string, Grant>()
  readonly #negotiations = new WeakMap<object, number>()
  #negotiationCount = 0
  /** Tasks that have connections of their own. */
  readonly #owners = new Set<string>()
  readonly #identities = new IdentityGuard()
  #buffer: Buffer | undefined

  /** Sends the request; what comes of it is the exchange's to tell. The same keys object shares connections. */
  open(request: URLRequest, given: ConfigurationKeys, sender?: Sender): Exchange {
    const keys = sender ? this.#identities.keysFor(given, {url: request.url, task: sender.task}) : given
    const exchange = new Exchange(request, {observer: this.#observer, deadlines: this.#deadlinesOf(keys)})
    const delivery = new Delivery(exchange, {
      task: sender?.task,
      pool: () => this.#poolFor(request.url, {keys, sender}),
      giveUpHttp2: () => void this.#withoutHttp2.add(request.url.origin),
      trust: trusted => this.#grant(sender, request.url, {trusted}),
      hasIdentity: () => hasIdentity((this.#grantFor(sender, request.url)?.keys ?? keys).tls),
      show: identity => this.#grant(sender, request.url, {keys: showing(keys, identity)}),
      patience: () =>
        sender?.expectation === 'never' || this.#withoutExpectation.has(request.url.origin)
          ? 0
          : keys.uploads.expectTimeout * 1000,
      giveUpExpecting: () => void this.#withoutExpectation.add(request.url.origin)
    })
    try {
      delivery.start()
    } catch (error) {
      exchange.abort(translateError(error, {request, phase: 'connecting'}))
    }
    return exchange
  }

  /** Requests from now on go over connections of their own; exchanges under way end on theirs (R61). */
  renew(): void {
    for (const pool of this.#allPools()) this.#retire(pool)
    this.#pools.clear()
  }

  /** Forgets the connections and decisions that were for this task alone. */
  release(task: Task): void {
    if (!this.#owners.delete(task.id)) return
    for (const name of this.#granted.keys()) if (name.startsWith(`${task.id} `)) this.#granted.delete(name)
    for (const [keys, pools] of this.#pools) {
      for (const [name, pool] of pools) {
        if (!name.startsWith(`task ${task.id} `)) continue
        pools.delete(name)
        this.#retire(pool)
      }
      if (pools.size === 0) this.#pools.delete(keys)
    }
  }

  /** Hangs up on everybody. */
  async close(): Promise<void> {
    const pools = [...this.#allPools(), ...this.#retired]
    this.#pools.clear()
    this.#retired.clear()
    await Promise.all(pools.map(pool => pool.close()))
  }

  #retire(pool: ConnectionPool): void {
    this.#retired.add(pool)
    void pool.retire().then(() => this.#retired.delete(pool))
  }

  #allPools(): readonly ConnectionPool[] {
    return [...this.#pools.values()].flatMap(pools => [...pools.values()])
  }

  #deadlinesOf(keys: ConfigurationKeys): Deadlines {
    const known = this.#deadlines.get(keys)
    if (known) return known
    const {lowSpeed, lowSpeedTime} = keys.limits
    const made = new Deadlines({
      idle: keys.timeouts.idle * 1000,
      lowSpeed: lowSpeed ? {rate: lowSpeed, time: lowSpeedTime * 1000} : undefined
    })
    this.#deadlines.set(keys, made)
    return made
  }

  #grant(sender: Sender | undefined, url: URL, grant: Grant): void {
    if (!sender) return
    const name = grantName(sender.task, url)
    this.#granted.set(name, {...this.#granted.get(name), ...grant})
    this.#owners.add(sender.task.id)
  }

  #grantFor(sender: Sender | undefined, url: URL): Grant | undefined {
    return sender && this.#owners.has(sender.task.id)
      ? this.#granted.get(grantName(sender.task, url))
      : undefined
  }

  #poolFor(
    url: URL,
    {keys: given, sender}: {keys: ConfigurationKeys; sender: Sender | undefined}
  ): ConnectionPool {
    const grant = this.#grantFor(sender, url)
    const keys = grant?.keys ?? given
    const way = chooseProxy(keys.proxy, url)
    const isOwn = sender?.negotiation !== undefined
    const mayHttp2 = keys.network.http2 && url.protocol === 'https:' && !isOwn
    const version = mayHttp2 && !this.#withoutHttp2.has(url.origin) ? 'h2' : 'http/1.1'
    const owner =
      isOwn || grant
        ? `task ${sender?.task.id} ${this.#numberOf(sender?.negotiation)} ${grant?.trusted ?? ''}`
        : ''
    const name = `${owner} ${version} ${wayName(way, url)}`
    const pools = this.#pools.get(keys) ?? new Map<string, ConnectionPool>()
    const known = pools.get(name)
    if (known) return known
    const made = new ConnectionPool({
      keys,
      way,
      version,
      trusted: grant?.trusted,
      authenticator: way.proxy && this.#authenticatorOf(way.proxy),
      connections: isOwn ? 1 : keys.maxConnectionsPerHost,
      observer: this.#observer,
      buffer: () => (this.#buffer ??= Buffer.allocUnsafeSlow(bufferSize))
    })
    this.#pools.set(keys, pools.set(name, made))
    if (isOwn) this.#owners.add(sender.task.id)
    return made
  }

  #numberOf(negotiation: object | undefined): number {
    if (!negotiation) return 0
    const known = this.#negotiations.get(negotiation) ?? ++this.#negotiationCount
    this.#negotiations.set(negotiation, known)
    return known
  }

  #authenticatorOf(proxy: ProxyAddress): ProxyAuthenticator {
    const name = JSON.stringify(proxy)
    const known = this.#authenticators.get(name) ?? new ProxyAuthenticator(proxy)
    this.#authenticators.set(name, known)
    return known
  }
}

// What is forwarded goes to the same place whatever the host, and yet the limit is one for each host.
function wayName({kind, proxy}: Way, url: URL): string {
  if (kind === 'direct') return kind
  return `${kind} ${proxy.kind} ${nameOf(proxy)} ${proxy.user ?? ''} ${kind === 'forward' ? url.origin : ''}`
}

function grantName(task: Task, url: URL): string {
  return `${task.id} ${url.origin}`
}
