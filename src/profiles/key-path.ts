import type {TransferError} from '../engine/index.ts'
import {keyDefinitions} from './keys.ts'
import type {KeyDefinition} from './keys.ts'
import {nearestWord} from './nearest-word.ts'
import {refusal} from './refusal.ts'
import {foreignKeys, translatedKeys} from './refused-keys.ts'

/** A key as somebody wrote it, understood. */
export interface KeyPath {
  /** The one spelling under which it is stored. */
  readonly key: string
  /** For one host only: "host", "host:port" or "*.domain". */
  readonly host: string | undefined
  /** Where the value stands in a configuration, the host's own part left out. */
  readonly path: readonly string[]
  readonly definition: KeyDefinition
}

const openGroups = ['headers', 'network.resolve'] as const

/** Understands the name of a key. Throws CONFIGURATION_REFUSED: what is wrong, the nearest key, and all of them. */
export function parseKeyPath(given: string): KeyPath {
  if (!/^hosts\./i.test(given)) {
    const found = sessionKey(given)
    if (found) return found
    throw unknownKey(given)
  }
  const {host, rest} = splitHost(given)
  const found = sessionKey(rest)
  if (!found) throw unknownKey(rest, given)
  if (found.definition.scope === 'session') {
    throw refusal(`${found.key} cannot differ from host to host`, `Set ${found.key} for the whole session.`)
  }
  return {...found, key: `hosts.${host}.${found.key}`, host}
}

/** All keys as they are written, for messages and help. */
function keyNames(): readonly string[] {
  return Object.keys(keyDefinitions).map(name =>
    name.replace('network.resolve.*', 'network.resolve.HOST:PORT').replace('headers.*', 'headers.NAME')
  )
}

/** The beginning that several keys share ("timeouts", "hosts.example.com"), as it is stored; undefined = no such group. */
export function parseGroup(given: string): string | undefined {
  const [, inHosts, rest = ''] = /^(hosts)\.(.+)$/i.exec(given) ?? []
  if (inHosts !== undefined) return `hosts.${normalHost(rest) ?? rest}`
  const isGroup = given === 'hosts' || Object.keys(keyDefinitions).some(key => key.startsWith(`${given}.`))
  return isGroup ? given : undefined
}

function sessionKey(given: string): KeyPath | undefined {
  const definition = own(keyDefinitions, given)
  if (definition && !given.endsWith('*')) {
    return {key: given, host: undefined, path: given.split('.'), definition}
  }
  const group = openGroups.find(each => given.startsWith(`${each}.`) && given.length > each.length + 1)
  const open = group && own(keyDefinitions, `${group}.*`)
  if (!group || !open) return undefined
  const name = given.slice(group.length + 1)
  const member = group === 'headers' ? name : readEndpoint(name)
  return {key: `${group}.${member}`, host: undefined, path: [...group.split('.'), member], definition: open}
}

// A host has dots of its own: what follows it is the longest ending that is a key.
function splitHost(given: string): {host: string; rest: string} {
  const inner = given.slice('hosts.'.length)
  const dots = [...inner.matchAll(/\./g)].map(({index}) => index)
  const cut =
    dots.find(dot => own(keyDefinitions, inner.slice(dot + 1)) !== undefined) ??
    dots.findLast(dot => openGroups.some(group => inner.startsWith(`${group}.`, dot + 1))) ??
    dots.find(dot => nearestWord(Object.keys(keyDefinitions), inner.slice(dot + 1)) !== undefined) ??
    dots.at(-1)
  if (cut === undefined || cut < 1) {
    throw refusal(
      'A rule for one host is written as hosts.HOST.KEY',
      'For example: hosts.example.com.timeouts.idle=10'
    )
  }
  const host = normalHost(inner.slice(0, cut))
  if (host !== undefined) return {host, rest: inner.slice(cut + 1)}
  throw refusal(
    `${JSON.stringify(inner.slice(0, cut))} names no host`,
    'A rule is for HOST, HOST:PORT, [IPV6]:PORT or *.DOMAIN.'
  )
}

function normalHost(given: string): string | undefined {
  const [, wild = '', name = '', port] =
    /^(\*\.)?(\[[0-9a-f:.]+\]|[^:[\]/?#@\s*]+)(?::(\d{1,5}))?$/i.exec(given) ?? []
  const {hostname} = URL.parse(`http://${name}`) ?? {}
  if (!hostname || Number(port ?? 1) > 65_535) return undefined
  return `${wild}${hostname.replace(/\.$/, '')}${port === undefined ? '' : `:${port}`}`
}

function readEndpoint(given: string): string {
  const host = normalHost(given)
  if (host !== undefined && /:\d+$/.test(host) && !host.startsWith('*')) return host
  throw refusal(
    'network.resolve needs the port too',
    'For example: network.resolve.example.com:443=192.0.2.7'
  )
}

function unknownKey(given: string, whole: string = given): TransferError {
  const lower = given.toLowerCase()
  const why = own(foreignKeys, lower)
  if (why !== undefined) return refusal(`${shown(given)} cannot be set: ${why}`)
  const translated = own(translatedKeys, lower)
  if (translated !== undefined) return refusal(`${shown(given)} is ${translated} here`, `Use ${translated}.`)
  const names = keyNames()
  const near = names.find(name => name.toLowerCase() === lower) ?? nearestWord(names, given)
  const list = `The keys are: ${names.join(', ')}, and hosts.HOST.KEY for one host.`
  // Whoever left the key out sees the end of their host called one.
  const where = whole === given ? '' : ` at the end of ${shown(whole)}`
  return refusal(
    `There is no configuration key ${shown(given)}${where}`,
    near === undefined ? list : `Did you mean ${near}? ${list}`
  )
}

// What comes before an = that was forgotten may be a secret, and long.
function shown(given: string): string {
  return JSON.stringify(given.length > 60 ? `${given.slice(0, 30)}...` : given)
}

function own<V>(table: Readonly<Record<string, V>>, name: string): V | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
