import {readFile} from 'node:fs/promises'
import {TransferError, openKeychain, whyUnreadable} from '../engine/index.ts'
import {parseSecretReference, referenceForms} from '../profiles/secret.ts'
import type {SecretReference} from '../profiles/secret.ts'
import {askSecret} from './secret-argument.ts'
import {usageError} from './usage-error.ts'

/** Finds the secret that a key of a session refers to. */
export type SecretReader = (key: string, reference: string) => Promise<string>

/**
 * Reads the secrets of one session, each at most once a run, however many keys refer to it. Rejects with USAGE for a
 * variable that is not set, READ_FAILED for a file or a keychain that does not have it.
 */
export function secretReader(session: string): SecretReader {
  const known = new Map<string, Promise<string>>()
  return (key, text) => {
    const reference = parseSecretReference(text)
    if (!reference) throw usageError(`${key} of the session ${session} refers to no secret`, forms)
    // Two questions on the terminal are not the same only because both are spelt "-".
    const once = reference.kind === 'prompt' ? `${text} ${key}` : text
    const found = known.get(once) ?? readReference(reference, {key, session})
    known.set(once, found)
    return found
  }
}

const forms = `Give ${referenceForms}.`

interface Asked {
  readonly key: string
  readonly session: string
}

async function readReference(reference: SecretReference, asked: Asked): Promise<string> {
  switch (reference.kind) {
    case 'environment':
      return readVariable(reference.name, asked)
    case 'file':
      return readFirstLine(reference.path, asked)
    case 'keychain':
      return readKeychain(reference.name, asked)
    case 'prompt':
      return askSecret(`${asked.key} of the session ${asked.session}`)
  }
}

function readVariable(name: string, {key, session}: Asked): string {
  const value = process.env[name]
  // What CI gives for a secret that it does not have is empty.
  if (value) return value
  const state = value === undefined ? 'is not set' : 'is empty'
  throw usageError(
    `The environment variable ${name} ${state}; the session ${session} needs it for ${key}`,
    `Set ${name}, or change the session: ferry sessions set ${session} ${key}=...`
  )
}

async function readFirstLine(path: string, {key, session}: Asked): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TransferError(
      'READ_FAILED',
      `The file ${path}, which the session ${session} needs for ${key}, cannot be read: ${whyUnreadable(cause)}`,
      {cause}
    )
  })
  const line = text.split(/\r?\n/, 1)[0] ?? ''
  if (line !== '') return line
  throw usageError(
    `The first line of ${path} is empty; the session ${session} needs it for ${key}`,
    'Put the secret there, alone on its line.'
  )
}

// Not the service under which ferry keeps what servers have accepted: these entries are made by people.
const keychainService = 'ferry'

async function readKeychain(name: string, {key, session}: Asked): Promise<string> {
  const keychain = await openKeychain(keychainService)
  const value = await keychain?.get(name).catch(() => undefined)
  if (value) return value
  const why = keychain
    ? `The keychain has no entry ${JSON.stringify(name)} for the service "${keychainService}"`
    : 'There is no keychain here, or it does not open'
  throw new TransferError('READ_FAILED', `${why}; the session ${session} needs it for ${key}`, {
    hint: keychain ? 'Add it with the tool of your system.' : 'Unlock it, or use env:NAME or @FILE instead.'
  })
}
