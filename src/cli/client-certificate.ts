import type {CertificateCredential, ConfigurationChanges, SessionConfiguration} from '../engine/index.ts'
import {readCertificateContent, readPemPair, startsAsPkcs12, unusable} from './certificate-files.ts'
import {present} from './present.ts'
import {askSecret, readSecret} from './secret-argument.ts'
import {usageError} from './usage-error.ts'

export {startsAsPkcs12} from './certificate-files.ts'

export interface CertificateFlags {
  readonly cert?: string
  readonly key?: string
  readonly 'cert-type'?: 'PEM' | 'P12'
}

/** What the engine needs to show a client certificate: PEM texts or PKCS#12 in base64, and the passphrase of the key. */
export interface ClientCertificate {
  readonly cert?: string
  readonly key?: string
  readonly pkcs12?: string
  readonly passphrase?: string
}

/** Reads --cert and --key. Rejects with USAGE, or CLIENT_CERTIFICATE for what cannot be read or is none. */
export async function readClientCertificate(flags: CertificateFlags): Promise<ClientCertificate> {
  if (flags.cert === undefined) {
    if (flags.key === undefined) return {}
    throw usageError('--key is the key of a certificate, and there is none', 'Name it with --cert FILE.')
  }
  const {file, passphrase} = splitCertificateArgument(flags.cert)
  const content = await readCertificateContent(names.cert, file)
  const isPkcs12 = startsAsPkcs12(content)
  if (flags['cert-type'] === 'P12' && !isPkcs12) throw unusable(`${file} of --cert is no PKCS#12`)
  if (isPkcs12 && flags['cert-type'] !== 'PEM') return readPkcs12(content, {flags, passphrase})
  const {cert, key} = await readPemPair(content, {files: {cert: file, ...present({key: flags.key})}, names})
  return present({cert, key, passphrase: await readPassphrase(passphrase, key ?? cert)})
}

/** That of the command line, as a task brings it along. Undefined: there is none, or the session has one of its own (R33). */
export function broughtCertificate(
  {tls = {}}: ConfigurationChanges,
  {keys}: SessionConfiguration
): CertificateCredential | undefined {
  const {cert, key, pkcs12, passphrase} = tls
  if (cert !== keys.tls.cert || pkcs12 !== keys.tls.pkcs12) return undefined
  if (pkcs12 !== undefined) return {kind: 'certificate', pkcs12, ...present({passphrase})}
  return cert === undefined ? undefined : {kind: 'certificate', cert, ...present({key, passphrase})}
}

const names = {cert: '--cert', key: '--key'}

interface Given {
  readonly flags: CertificateFlags
  readonly passphrase: string | undefined
}

async function readPkcs12(content: Buffer, {flags, passphrase}: Given): Promise<ClientCertificate> {
  if (flags.key !== undefined)
    throw usageError('--cert is PKCS#12, which holds its key: --key has no place beside it')
  const pkcs12 = content.toString('base64')
  if (passphrase !== undefined) return {pkcs12, passphrase: (await readSecret(flag, passphrase)).value}
  if (!process.stdin.isTTY || (await opensWithout(content))) return {pkcs12}
  return {pkcs12, passphrase: await askSecret('Passphrase of the client certificate')}
}

async function opensWithout(pfx: Buffer): Promise<boolean> {
  const {createSecureContext} = await import('node:tls')
  try {
    createSecureContext({pfx})
    return true
  } catch {
    return false
  }
}

/** Can other users of the machine read the passphrase in the process list? */
export function isPassphraseExposed({cert = ''}: CertificateFlags): boolean {
  const {passphrase = ''} = splitCertificateArgument(cert)
  return passphrase !== '' && !/^(?:@|env:|-$)/.test(passphrase)
}

/**
 * FILE[:PASS] as curl reads it: the first colon ends the name; `\:` and `\\` stand for themselves, and the colon of a
 * drive (C:\ or C:/) is part of the name.
 */
export function splitCertificateArgument(given: string): {file: string; passphrase?: string} {
  const drive = /^[A-Za-z]:(?=[\\/])/.exec(given)?.[0] ?? ''
  const [name = ''] = /^(?:\\[\s\S]|[^:\\]|\\$)*/.exec(given.slice(drive.length)) ?? []
  const file = drive + name.replace(/\\([:\\])/g, '$1')
  const rest = given.slice(drive.length + name.length)
  return rest === '' ? {file} : {file, passphrase: rest.slice(1)}
}

const flag = '--cert (passphrase)'

async function readPassphrase(given: string | undefined, key: string): Promise<string | undefined> {
  if (given !== undefined) return (await readSecret(flag, given)).value
  const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key)
  if (!isEncrypted) return undefined
  if (process.stdin.isTTY) return askSecret('Passphrase of the client key')
  throw unusable(
    'The key of --cert is encrypted, and there is no passphrase',
    'Give it: --cert FILE:@FILE or FILE:env:NAME.'
  )
}
