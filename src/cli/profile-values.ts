import {readFile, stat} from 'node:fs/promises'
import {TransferError, assertHeader, whyUnreadable} from '../engine/index.ts'
import type {TransferErrorCode} from '../engine/index.ts'
import {parseKeyPath} from '../profiles/key-path.ts'
import type {KeyPath} from '../profiles/key-path.ts'
import type {Profile, StoredValue} from '../profiles/profile.ts'
import {headerReference, parseSecretReference} from '../profiles/secret.ts'
import {readAuthorities} from './authorities.ts'
import {secretReader} from './secret-reference.ts'
import type {SecretReader} from './secret-reference.ts'
import {usageError} from './usage-error.ts'

type Values = Readonly<Record<string, StoredValue>>

/** The values of a profile as the engine needs them: secrets instead of references, contents instead of paths. */
export async function resolveProfileValues({name, values}: Profile): Promise<Values> {
  const read = secretReader(name)
  const resolved: Record<string, StoredValue> = {}
  // One after another: each may have a question.
  for (const [key, value] of Object.entries(values)) {
    Object.assign(resolved, await resolveValue({at: parseKeyPath(key), values}, {value, read, session: name}))
  }
  return resolved
}

interface Place {
  readonly at: KeyPath
  readonly values: Values
}

interface Resolving {
  readonly value: StoredValue
  readonly read: SecretReader
  readonly session: string
}

async function resolveValue({at, values}: Place, {value, read, session}: Resolving): Promise<Values> {
  const {key, path, definition} = at
  if (typeof value !== 'string') return {[key]: value}
  switch (definition.type.form) {
    case 'header':
      return {[key]: await resolveHeader(at, {value, read, session})}
    case 'secret':
      return path.at(-1) === 'user'
        ? resolveUser({at, values}, {value, read, session})
        : {[key]: await read(key, value)}
    case 'path': {
      const reader = contents[path.join('.')]
      return {[key]: reader ? await reader(value, `${key} of the session ${session}`) : value}
    }
    default:
      return {[key]: value}
  }
}

async function resolveHeader({key, path}: KeyPath, {value, read, session}: Resolving): Promise<string> {
  const name = path.at(-1) ?? ''
  const found = headerReference(name, String(value))
  if (!found) return String(value)
  const text = `${found.scheme}${await read(key, found.reference)}`
  try {
    assertHeader(name, text)
  } catch (cause) {
    throw usageError(
      `What ${key} of the session ${session} refers to cannot be sent: it holds a control character`,
      String(cause)
    )
  }
  return text
}

// A name alone is half of it: the password is asked for, as -u NAME does.
async function resolveUser({at, values}: Place, {value, read, session}: Resolving): Promise<Values> {
  const {key} = at
  const password = key.replace(/user$/, 'password')
  const text = String(value)
  if (parseSecretReference(text) === undefined) {
    if (values[password] !== undefined) return {[key]: text}
    return {[key]: text, [password]: await read(password, '-')}
  }
  const pair = await read(key, text)
  // With a password of its own, what is found is the name.
  if (values[password] !== undefined) return {[key]: pair}
  const colon = pair.indexOf(':')
  if (colon !== -1) return {[key]: pair.slice(0, colon), [password]: pair.slice(colon + 1)}
  throw usageError(
    `What ${key} of the session ${session} refers to has no colon: NAME:PASSWORD is needed`,
    `Or give the password by itself: ferry sessions set ${session} ${password}=env:NAME`
  )
}

type ContentReader = (path: string, what: string) => Promise<string>

const contents: Readonly<Record<string, ContentReader>> = {
  'tls.ca': async (path, what) => {
    const facts = await stat(path).catch((cause: unknown) => {
      throw new TransferError('CA_FILE', `${path}, ${what}, cannot be read: ${whyUnreadable(cause)}`, {cause})
    })
    const given = facts.isDirectory() ? {file: undefined, folder: path} : {file: path, folder: undefined}
    return (await readAuthorities(given)) ?? ''
  },
  'tls.cert': textReader('CLIENT_CERTIFICATE'),
  'tls.key': textReader('CLIENT_CERTIFICATE'),
  'tls.pkcs12': (path, what) => contentOf(path, {what, code: 'CLIENT_CERTIFICATE', encoding: 'base64'}),
  'credentials.netrc': textReader('READ_FAILED')
}

function textReader(code: TransferErrorCode): ContentReader {
  return (path, what) => contentOf(path, {what, code, encoding: 'utf8'})
}

interface Content {
  readonly what: string
  readonly code: TransferErrorCode
  readonly encoding: 'utf8' | 'base64'
}

async function contentOf(path: string, {what, code, encoding}: Content): Promise<string> {
  return readFile(path, encoding).catch((cause: unknown) => {
    throw new TransferError(code, `The file ${path}, ${what}, cannot be read: ${whyUnreadable(cause)}`, {
      cause
    })
  })
}
