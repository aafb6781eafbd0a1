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

/** A Kerberos realm with one Apache in it, one user, and a ferry that can speak Kerberos. */
export class Realm {
  readonly alice = {name: 'alice', password: canary('alice')}
  /** A user of Apache alone (Digest and Basic). */
  readonly carol: {readonly name: string; readonly password: string}
  readonly kdc: Kdc
  readonly apache: Apache
  readonly #installation: Installation

  constructor(parts: {kdc: Kdc; apache: Apache; carol: Realm['carol']}) {
    this.kdc = parts.kdc
    this.apache = parts.apache
    this.carol = parts.carol
    this.#installation = installFerry('kerberos')
    this.kdc.addUser(this.alice.name, this.alice.password)
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
      await vi.waitFor(() => expect(this.apache.requests.length - before).toBeGreaterThanOrEqual(count))
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

  async close(): Promise<void> {
    this.#installation.remove()
    await this.apache.close()
    await this.kdc.close()
  }

  #words(words: readonly string[]): readonly string[] {
    return [...words, '--resolve', `*:${this.apache.port}:127.0.0.1`]
  }
}

export async function startRealm(ntlmUsers = ''): Promise<Realm> {
  const kdc = await startKdc()
  const carol = {name: 'carol', password: canary('carol')}
  const hosts = [host, 'elsewhere.ferry.test']
  for (const each of hosts) kdc.addService(each)
  const keytab = kdc.keysOf(...hosts)
  const environment = kdc.environment('none')
  const apache = await startApache({keytab, user: carol, ntlmUsers, environment})
  return new Realm({kdc, apache, carol})
}
