import type {CertificateCredential} from '../authentication-challenge.ts'
import type {ConfigurationKeys} from '../configuration-keys.ts'
import {rulesFor} from '../host-rules.ts'
import type {Task} from '../task.ts'
import {hasIdentity, showing} from './secure-context.ts'

/**
 * Keeps client certificates at home: that of the session is for the origin of a task's own URL. Another origin sees it
 * only where a rule for its host names it (security P5), and one that a stranger chose sees at most what the task itself
 * brings.
 */
export class IdentityGuard {
  readonly #made = new WeakMap<ConfigurationKeys, WeakMap<object, ConfigurationKeys>>()

  /** The keys as they are for an address that a task asks; always the same object for the same keys and certificate. */
  keysFor(keys: ConfigurationKeys, {url, task}: {url: URL; task: Task}): ConfigurationKeys {
    const {certificate, credentials} = task.options
    const isSessions = hasIdentity(keys.tls)
    if (!isSessions && !certificate) return keys
    const isHome = url.origin === task.originalRequest.url.origin
    const brought = isHome ? certificate : undefined
    if (credentials === 'given') return this.#showing(keys, brought)
    if (!isSessions) return brought ? this.#showing(keys, brought) : keys
    return isHome || isNamed(task, url) ? keys : this.#showing(keys, undefined)
  }

  #showing(keys: ConfigurationKeys, certificate: CertificateCredential | undefined): ConfigurationKeys {
    const made = this.#made.get(keys) ?? new WeakMap<object, ConfigurationKeys>()
    this.#made.set(keys, made)
    const identity = certificate ?? keys
    const known = made.get(identity) ?? showing(keys, certificate)
    made.set(identity, known)
    return known
  }
}

function isNamed(task: Task, url: URL): boolean {
  const {hosts} = task.session.configuration.keys
  return rulesFor(hosts, url, 'redirected').some(name => {
    const rules = hosts[name]?.tls
    return rules?.cert !== undefined || rules?.pkcs12 !== undefined
  })
}
