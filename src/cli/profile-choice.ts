import {SessionConfiguration} from '../engine/index.ts'
import type {ConfigurationChanges} from '../engine/index.ts'
import {changesOf, hooksOf} from '../profiles/configuration.ts'
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
  const base = SessionConfiguration[profile.kind === 'ephemeral' ? 'ephemeral' : 'default'](
    withoutOverruled(own, kept)
  )
  return {name, configuration: base.with(kept), hooks: hooksOf(profile.values), warnings}
}

// Who somebody is belongs to the session: the one on the command line is for sessions that have none (R33).
function keepCertificate(own: ConfigurationChanges, given: ConfigurationChanges): ConfigurationChanges {
  const hasOwn = own.tls?.cert !== undefined || own.tls?.pkcs12 !== undefined
  const hasGiven = given.tls?.cert !== undefined || given.tls?.pkcs12 !== undefined
  if (!hasOwn || !hasGiven) return given
  const {cert: _cert, key: _key, pkcs12: _pkcs12, passphrase: _passphrase, ...tls} = given.tls ?? {}
  return {...given, tls}
}

// The rules of a host are nearer than the session's keys, but never nearer than what is asked for with this one request.
function withoutOverruled(own: ConfigurationChanges, given: ConfigurationChanges): ConfigurationChanges {
  if (!own.hosts) return own
  const hosts = Object.entries(own.hosts).map(([host, rules]) => [host, without(rules ?? {}, given)])
  return {...own, hosts: Object.fromEntries(hosts)}
}

function without(rules: object, given: object): object {
  const overruling = new Map<string, unknown>(Object.entries(given))
  const left = Object.entries(rules).flatMap(([key, value]: [string, unknown]): [string, unknown][] => {
    const overrules = overruling.get(key)
    if (isGroup(value) && isGroup(overrules)) return [[key, without(value, overrules)]]
    return overrules === undefined ? [[key, value]] : []
  })
  return Object.fromEntries(left)
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
