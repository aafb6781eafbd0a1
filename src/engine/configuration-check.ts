import {hostGroups} from './configuration-keys.ts'
import type {ConfigurationKeys} from './configuration-keys.ts'
import {TransferError} from './transfer-error.ts'

const sha256InBase64 = /^[A-Za-z0-9+/]{43}=$/

/** Refuses values that nothing could keep to; throws CONFIGURATION_REFUSED naming the key. */
export function validate(keys: ConfigurationKeys): void {
  validateRanges(keys)
  const {cert, key} = keys.tls
  if (key !== undefined && cert === undefined) refuse('tls.key', 'means nothing without tls.cert')
  validateHosts(keys.hosts)
}

/** Whatever can be judged of each value alone; throws as validate does. */
export function validateRanges(keys: ConfigurationKeys): void {
  const positive: readonly [string, number | undefined][] = [
    ['timeouts.connect', keys.timeouts.connect],
    ['timeouts.idle', keys.timeouts.idle],
    ['timeouts.total', keys.timeouts.total],
    ['maxConnectionsPerHost', keys.maxConnectionsPerHost],
    ['maxParallelTasks', keys.maxParallelTasks],
    ['limits.rate', keys.limits.rate],
    ['limits.lowSpeedTime', keys.limits.lowSpeedTime]
  ]
  for (const [name, value] of positive) {
    if (value !== undefined && !(value > 0)) refuse(name, 'must be greater than 0')
  }
  const wholes: readonly [string, number | undefined][] = [
    ['maxConnectionsPerHost', keys.maxConnectionsPerHost],
    ['maxParallelTasks', keys.maxParallelTasks],
    ['redirects.max', keys.redirects.max],
    ['retry.attempts', keys.retry.attempts],
    ['limits.maxFileSize', keys.limits.maxFileSize],
    ['cache.memoryBytes', keys.cache.memoryBytes],
    ['cache.diskBytes', keys.cache.diskBytes]
  ]
  for (const [name, value] of wholes) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
      refuse(name, 'must be a whole number, 0 or more')
  }
  if (!(keys.uploads.expectTimeout >= 0)) refuse('uploads.expectTimeout', 'must be 0 or more')
  if (!keys.tls.pins.every(pin => sha256InBase64.test(pin)))
    refuse('tls.pins', 'holds SHA-256 digests in base64')
}

function validateHosts(hosts: ConfigurationKeys['hosts']): void {
  const known = new Set<string>([...hostGroups, 'maxConnectionsPerHost'])
  for (const [host, rules] of Object.entries(hosts)) {
    const foreign = Object.keys(rules).find(key => !known.has(key))
    if (foreign !== undefined) refuse(`hosts.${host}.${foreign}`, 'cannot differ from host to host')
  }
}

function refuse(key: string, why: string): never {
  throw new TransferError('CONFIGURATION_REFUSED', `The configuration key ${key} ${why}`)
}
