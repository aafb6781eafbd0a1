import {defaults} from './configuration-keys.ts'
import {TransferError} from './transfer-error.ts'

/** Any object with keys: what somebody without a compiler gives as a configuration. */
export type Tree = {[key: string]: unknown}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const choices: Readonly<Record<string, readonly unknown[]>> = {
  'cache.policy': ['protocol', 'reload', 'revalidate', 'cacheElseLoad', 'cacheOnly'],
  'cookies.accept': ['always', 'never', 'mainDocument'],
  'credentials.persistence': ['none', 'session', 'permanent'],
  'tls.min': ['TLSv1.2', 'TLSv1.3', undefined],
  'tls.max': ['TLSv1.2', 'TLSv1.3', undefined],
  'uploads.resumable': ['auto', 'tus', 'ietf', 'none'],
  'uploads.mode': ['optimistic', 'careful'],
  'uploads.interopVersion': [3, 5, 6, 7, 8],
  'network.family': [4, 6, undefined]
}

// All others without a default are texts.
const numbers = new Set([
  'retry.delay',
  'retry.maxTime',
  'limits.rate',
  'limits.lowSpeed',
  'limits.maxFileSize'
])

/**
 * Refuses keys that do not exist, and values of another type: the engine would notice them too late, or never. Throws
 * CONFIGURATION_REFUSED naming the key.
 */
export function assertShape(changes: Tree, where = ''): void {
  for (const [group, value] of Object.entries(changes)) {
    assertKnown(defaults, {key: group, where})
    const standard = (defaults as unknown as Tree)[group]
    if (value === undefined && isTree(standard)) continue
    if (group === 'hosts') assertRules(value)
    else if (group === 'headers') assertTexts(value, `${where}headers`)
    else if (!isTree(standard)) assertLeaf(`${where}${group}`, {value, standard, path: group})
    else if (isTree(value)) assertGroup(value, {standard, group, where})
    else refuse(`${where}${group}`, 'must be an object')
  }
}

function assertRules(hosts: unknown): void {
  if (!isTree(hosts)) refuse('hosts', 'must be an object')
  for (const [host, rules] of Object.entries(hosts)) {
    if (!isTree(rules)) refuse(`hosts.${host}`, 'must be an object')
    assertShape(rules, `hosts.${host}.`)
  }
}

function assertGroup(
  values: Tree,
  {standard, group, where}: {standard: Tree; group: string; where: string}
): void {
  for (const [key, value] of Object.entries(values)) {
    const path = `${group}.${key}`
    assertKnown(standard, {key, where: `${where}${group}.`})
    if (path === 'network.resolve') assertAddresses(value, `${where}${path}`)
    else assertLeaf(`${where}${path}`, {value, standard: standard[key], path})
  }
}

function assertKnown(known: object, {key, where}: {key: string; where: string}): void {
  if (Object.hasOwn(known, key)) return
  throw new TransferError('CONFIGURATION_REFUSED', `There is no configuration key "${where}${key}"`)
}

interface Leaf {
  readonly value: unknown
  readonly standard: unknown
  /** The key's name in the table of keys, whatever host it is for. */
  readonly path: string
}

function assertLeaf(name: string, {value, standard, path}: Leaf): void {
  const allowed = choices[path]
  if (allowed) {
    const words = allowed.filter(choice => choice !== undefined).join(', ')
    if (!allowed.includes(value)) refuse(name, `must be one of ${words}`)
  } else if (Array.isArray(standard)) {
    if (!isListOfTexts(value)) refuse(name, 'must be a list of texts')
  } else if (standard !== undefined || value !== undefined) {
    const type = standard === undefined ? (numbers.has(path) ? 'number' : 'string') : typeof standard
    if (typeof value !== type) refuse(name, `must be a ${type}`)
  }
}

function assertTexts(value: unknown, name: string): void {
  if (!isTree(value) || !isListOfTexts(Object.values(value))) refuse(name, 'must hold texts by name')
}

function assertAddresses(value: unknown, name: string): void {
  if (!isTree(value) || !Object.values(value).every(isListOfTexts))
    refuse(name, 'must hold lists of addresses by host:port')
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(entry => typeof entry === 'string')
}

function refuse(key: string, why: string): never {
  throw new TransferError('CONFIGURATION_REFUSED', `The configuration key ${key} ${why}`)
}
