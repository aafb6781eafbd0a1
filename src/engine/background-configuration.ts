import {defaults} from './configuration-keys.ts'
import type {ConfigurationKeys} from './configuration-keys.ts'
import type {SessionKind} from './session-configuration.ts'
import {TransferError} from './transfer-error.ts'

/** What a background session begins with: it waits for connectivity (B6) and has no cache (B7). */
export function backgroundDefaults(identifier: string): ConfigurationKeys {
  return {
    ...defaults,
    identifier,
    waitsForConnectivity: true,
    cache: {policy: 'protocol', store: false, memoryBytes: 0, diskBytes: 0}
  }
}

/** Refuses what a kind of session cannot have; throws CONFIGURATION_REFUSED naming the key. */
export function validateFor(
  kind: SessionKind,
  {base, merged}: {base: ConfigurationKeys; merged: ConfigurationKeys}
): void {
  if (kind === 'background') validateBackground(base, merged)
  else validateForeground(merged)
}

function validateForeground({identifier, discretionary}: ConfigurationKeys): void {
  if (identifier !== undefined) refuse('identifier', 'is for background sessions only')
  if (discretionary.window !== undefined) refuse('discretionary.window', 'is for background sessions only')
}

const identifierForm = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/
// Names of what objects of JavaScript have by themselves.
const reserved: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor'])
const windowForm = /^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/

function validateBackground(base: ConfigurationKeys, merged: ConfigurationKeys): void {
  const {identifier, discretionary, waitsForConnectivity, redirects} = merged
  if (identifier === undefined || !identifierForm.test(identifier)) {
    const form = 'up to 64 letters, digits, dots, dashes and underscores, and begins with no dot and no dash'
    refuse('identifier', `has ${form}`)
  }
  if (reserved.has(identifier)) refuse('identifier', `cannot be ${identifier}`)
  if (identifier !== base.identifier) refuse('identifier', 'names the session for good')
  if (discretionary.window !== undefined && !windowForm.test(discretionary.window))
    refuse('discretionary.window', 'must be two times of the day, as HH:MM-HH:MM')
  if (!waitsForConnectivity) refuse('waitsForConnectivity', 'is always true in a background session')
  if (!redirects.follow) refuse('redirects.follow', 'is always true in a background session')
  if (redirects.max === 0) refuse('redirects.max', 'cannot be 0 in a background session')
  validateCache(merged.cache)
}

function validateCache({policy, store, memoryBytes, diskBytes}: ConfigurationKeys['cache']): void {
  const why = 'has no meaning in a background session, which has no cache'
  if (policy !== 'protocol') refuse('cache.policy', why)
  if (store) refuse('cache.store', why)
  if (memoryBytes > 0) refuse('cache.memoryBytes', why)
  if (diskBytes > 0) refuse('cache.diskBytes', why)
}

function refuse(key: string, why: string): never {
  throw new TransferError('CONFIGURATION_REFUSED', `The configuration key ${key} ${why}`)
}
