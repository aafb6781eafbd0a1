import type {ConfigurationKeys} from '../configuration-keys.ts'
import {rulesFor} from '../host-rules.ts'
import type {Task} from '../task.ts'
import {hasIdentity} from './secure-context.ts'

/**
 * Keeps client certificates at home: that of the session is for the origin of a task's own URL. Another origin sees it
 * only where a rule for its host names it (security P5), and one that a stranger chose never does.
 */
export class IdentityGuard {
  readonly #nameless = new WeakMap<ConfigurationKeys, ConfigurationKeys>()

  /** The keys as they are for an address that a task asks; always the same object for the same keys. */
  keysFor(keys: ConfigurationKeys, {url, task}: {url: URL; task: Task}): ConfigurationKeys {
    if (!hasIdentity(keys.tls)) return keys
    if (task.options.credentials === 'given') return this.#withoutIdentity(keys)
    if (url.origin === task.originalRequest.url.origin) return keys
    const {hosts} = task.session.configuration.keys
    const isNamed = rulesFor(hosts, url, 'redirected').some(name => {
      const rules = hosts[name]?.tls
      return rules?.cert !== undefined || rules?.pkcs12 !== undefined
    })
    return isNamed ? keys : this.#withoutIdentity(keys)
  }

  #withoutIdentity(keys: ConfigurationKeys): ConfigurationKeys {
    const nameless = {cert: undefined, key: undefined, pkcs12: undefined, passphrase: undefined}
    const known = this.#nameless.get(keys) ?? {...keys, tls: {...keys.tls, ...nameless}}
    this.#nameless.set(keys, known)
    return known
  }
}
