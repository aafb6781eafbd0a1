import {TransferError, assertHeader, soundsSecret} from '../engine/index.ts'
import type {KeyPath} from './key-path.ts'
import type {StoredValue} from './profile.ts'
import {refusal} from './refusal.ts'
import {headerReference, referenceForms} from './secret.ts'
import {isLastingReference} from './secret.ts'

/** Throws CONFIGURATION_REFUSED for a value that the key cannot have; never repeats it. */
export function assertValue({key, path, definition}: KeyPath, value: unknown): asserts value is StoredValue {
  const {type} = definition
  if (!type.accepts(value)) throw refusal(`${key} must be ${type.range}`, type.hint)
  if (type.form === 'header' && typeof value === 'string') assertSessionHeader(path.at(-1) ?? '', value)
}

// The session's headers go with every request (R11): what belongs to one request, or to one hop, cannot be among them.
const oneRequestOnly: Readonly<Record<string, string>> = {
  host: 'the address decides it',
  range: 'it asks for a part of one file',
  'if-range': 'it belongs to one version of one file',
  'proxy-authorization': 'proxy.user and proxy.password are for that, so that no other server sees it',
  'proxy-authenticate': 'it is what a proxy answers',
  'www-authenticate': 'it is what a server answers'
}

function assertSessionHeader(name: string, value: string): void {
  const why = Object.entries(oneRequestOnly).find(([refused]) => refused === name.toLowerCase())?.[1]
  if (why !== undefined) throw refusal(`The header ${name} cannot be kept in a session: ${why}`)
  try {
    assertHeader(name, value)
  } catch (error) {
    if (error instanceof TransferError) throw refusal(error.message)
    throw error
  }
  const found = headerReference(name, value)
  if (found && !isLastingReference(found.reference))
    throw refusal(`The path in headers.${name} is not absolute`)
  if (found || !soundsSecret(name)) return
  throw refusal(
    `The header ${name} carries a secret, and secrets are never stored`,
    `Give a reference: ${referenceForms}; a word may come before it, as in "Bearer env:NAME".`
  )
}
