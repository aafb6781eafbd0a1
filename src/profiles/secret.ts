import {isAbsolute} from 'node:path'
import {soundsSecret} from '../engine/index.ts'

/** Where a secret is found when it is needed; profiles hold nothing else of it. */
export type SecretReference =
  | {readonly kind: 'environment'; readonly name: string}
  /** The first line of the file. */
  | {readonly kind: 'file'; readonly path: string}
  | {readonly kind: 'keychain'; readonly name: string}
  /** Asked for on the terminal. */
  | {readonly kind: 'prompt'}

/** How a secret is given, for hints. */
export const referenceForms = 'env:NAME, @FILE, keychain:NAME, or - to be asked'

/** Reads env:NAME, @FILE, keychain:NAME or -. undefined = none of them. */
export function parseSecretReference(text: string): SecretReference | undefined {
  if (text === '-') return {kind: 'prompt'}
  if (/^@[^\x00-\x1F\x7F]+$/.test(text)) return {kind: 'file', path: text.slice(1)}
  const [, scheme, name = ''] = /^(env|keychain):(.*)$/.exec(text) ?? []
  if (scheme === 'env' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return {kind: 'environment', name}
  if (scheme === 'keychain' && /^[^\x00-\x1F\x7F]{1,200}$/.test(name)) return {kind: 'keychain', name}
  return undefined
}

/** May it be kept? A path has to mean the same file wherever ferry is started. */
export function isLastingReference(text: string): boolean {
  const reference = parseSecretReference(text)
  return reference !== undefined && (reference.kind !== 'file' || isAbsolute(reference.path))
}

/** The value of a header that names a secret: a word such as Bearer may come before the reference. */
export interface HeaderReference {
  /** With the blank behind it. */
  readonly scheme: string
  readonly reference: string
}

/** Finds the reference in a header's value; undefined = the value is meant as it stands. */
export function headerReference(name: string, value: string): HeaderReference | undefined {
  const [, scheme = '', reference = ''] = /^([A-Za-z][A-Za-z0-9-]* +)?(\S.*)$/.exec(value) ?? []
  if (soundsSecret(name)) {
    return parseSecretReference(reference) === undefined ? undefined : {scheme, reference}
  }
  return /^(?:env:|keychain:|@)/.test(value) && parseSecretReference(value) !== undefined
    ? {scheme: '', reference: value}
    : undefined
}
