import type {ConfigurationChanges} from '../engine/index.ts'
import {changesOf, configurationOf, hooksOf} from '../profiles/configuration.ts'
import {readProfile} from '../profiles/profile-file.ts'
import {resolveProfileValues} from './profile-values.ts'
import type {SessionChoice, SessionWishes} from './session-choice.ts'

/** The session of a profile: its secrets and files are read now, and what the flags say wins over it (R11). */
export async function chooseProfile(name: string, {changes, folder}: SessionWishes): Promise<SessionChoice> {
  const warnings: string[] = []
  const profile = await readProfile(name, {folder, warn: sentence => warnings.push(sentence)})
  const own = changesOf(await resolveProfileValues(profile))
  const kept = keepCertificate(own, changes)
  if (kept !== changes) {
    warnings.push(`--cert is not used: the session ${name} has a client certificate of its own (tls.cert)`)
  }
  const base = configurationOf(profile, withoutOverruled(own, kept))
  return {name, configuration: base.with(kept), hooks: hooksOf(profile.values), warnings}
}

// Who somebody is belongs to the session: a certificate on the command line is for sessions that have none (R33).
function keepCertificate(own: ConfigurationChanges, given: ConfigurationChanges): ConfigurationChanges {
  return hasCertificate(own) && hasCertificate(given) ? withoutCertificate(given) : given
}

function hasCertificate({tls}: ConfigurationChanges): boolean {
  return tls?.cert !== undefined || tls?.pkcs12 !== undefined
}

function withoutCertificate(changes: ConfigurationChanges): ConfigurationChanges {
  const {cert: _cert, key: _key, pkcs12: _pkcs12, passphrase: _passphrase, ...tls} = changes.tls ?? {}
  return {...changes, tls}
}

// The rules of a host are nearer than the session's keys, but never nearer than what is asked for with this one request.
function withoutOverruled(own: ConfigurationChanges, given: ConfigurationChanges): ConfigurationChanges {
  if (!own.hosts) return own
  const nearer = withoutCertificate(given)
  const hosts = Object.entries(own.hosts).map(([host, rules]) => [host, without(rules ?? {}, nearer)])
  return {...own, hosts: Object.fromEntries(hosts)}
}

function without(rules: object, given: object): object {
  const overruling = new Map<string, unknown>(Object.entries(given))
  const left = Object.entries(rules).flatMap(([key, value]: [string, unknown]): [string, unknown][] => {
    const overrules = overruling.get(key)
    if (isGroup(value) && isGroup(overrules)) return [[key, without(value, overrules)]]
    // Also where it is given as none: another proxy has no use for the password of this one.
    return overruling.has(key) ? [] : [[key, value]]
  })
  return Object.fromEntries(left)
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
