import {statSync} from 'node:fs'
import {join} from 'node:path'
import {expect, vi} from 'vitest'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import type {LiveFerry, Run} from '../cli-run/ferry.ts'
import {canary} from '../canary/canary.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {startApache} from './apache.ts'
import type {Apache, AskedOfApache} from './apache.ts'
import {installFerry} from './installation.ts'
import type {Installation} from './installation.ts'
import {startKdc} from './kdc.ts'
import type {Kdc} from './kdc.ts'

/** The name Apache is registered under; it leads to the loopback interface through --resolve. */
export const host = 'files.ferry.test'

type Environment = Readonly<Record<string, string>>

interface User {
  readonly name: string
  readonly password: string
}

interface RealmParts {
  readonly kdc: Kdc
  readonly apache: Apache
  readonly installation: Installation
  readonly alice: User
  readonly carol: User
}

/** A Kerberos realm with one Apache in it, one user, and a ferry that can speak Kerberos. */
export class Realm {
  readonly alice: User
  readonly carol: User
  readonly kdc: Kdc
  readonly apache: Apache
  readonly #installation: Installation
  readonly #started: AsyncDisposableStack

  constructor(parts: RealmParts, started: AsyncDisposableStack) {
    this.kdc = parts.kdc
    this.apache = parts.apache
    this.alice = parts.alice
    this.carol = parts.carol
    this.#installation = parts.installation
    this.#started = started
  }

  url(path: string, name = host): string {
    return `http://${name}:${this.apache.port}${path}`
  }

  /**
   * What Apache is asked from now on: resolves when so many requests have ended, which may be a moment after their answers.
   */
  watchRequests(): (count: number) => Promise<readonly AskedOfApache[]> {
    const before = this.apache.requests.length
    return async count => {
      const ended = () => expect(this.apache.requests.length - before).toBeGreaterThanOrEqual(count)
      await vi.waitFor(ended, {timeout: 10_000, interval: 20})
      return this.apache.requests.slice(before)
    }
  }

  /** The environment of somebody who has no ticket yet. */
  stranger(): Environment {
    return this.kdc.environment(join(scratchFolder(), 'tickets'))
  }

  /** The environment of alice after kinit. */
  signedIn(life?: string): Environment {
    const tickets = join(scratchFolder(), 'tickets')
    this.kdc.logIn(this.alice, tickets, life)
    return this.kdc.environment(tickets)
  }

  /** Runs ferry with the names of the realm on the loopback interface. */
  ferry(words: readonly string[], options: {env: Environment; cwd?: string; binary?: string}): Promise<Run> {
    return runFerry(this.#words(words), {binary: this.#installation.binary, ...options})
  }

  /** Runs a command that asks no server. */
  manage(words: readonly string[], env: Environment): Promise<Run> {
    return runFerry(words, {binary: this.#installation.binary, env})
  }

  /** Like ferry, to do something while it runs. */
  start(words: readonly string[], options: {env: Environment; cwd?: string}): LiveFerry {
    return startFerry(this.#words(words), {binary: this.#installation.binary, ...options})
  }

  /** Resolves when a partial file has bytes. */
  async untilHeld(part: string): Promise<void> {
    const hold = () => expect(statSync(part).size).toBeGreaterThan(0)
    await vi.waitFor(hold, {timeout: 10_000, interval: 20})
  }

  async close(): Promise<void> {
    await this.#started.disposeAsync()
  }

  #words(words: readonly string[]): readonly string[] {
    return [...words, '--resolve', `*:${this.apache.port}:127.0.0.1`]
  }
}

/** Starts all of it; what has started already ends where the rest cannot. */
export async function startRealm(ntlmUsers = ''): Promise<Realm> {
  await using started = new AsyncDisposableStack()
  const installation = installFerry('kerberos')
  started.defer(() => installation.remove())
  const kdc = await startKdc()
  started.defer(() => kdc.close())
  const alice = {name: 'alice', password: canary('alice')}
  kdc.addUser(alice.name, alice.password)
  const hosts = [host, 'elsewhere.ferry.test']
  for (const each of hosts) kdc.addService(each)
  const carol = {name: 'carol', password: canary('carol')}
  const environment = kdc.environment('none')
  const apache = await startApache({keytab: kdc.keysOf(...hosts), user: carol, ntlmUsers, environment})
  started.defer(() => apache.close())
  return new Realm({kdc, apache, installation, alice, carol}, started.move())
}
