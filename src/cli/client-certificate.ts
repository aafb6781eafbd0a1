import {readFile} from 'node:fs/promises'
import {TransferError} from '../engine/index.ts'
import type {CertificateCredential, ConfigurationChanges, SessionConfiguration} from '../engine/index.ts'
import {present} from './present.ts'
import {askSecret, readSecret} from './secret-argument.ts'
import {usageError} from './usage-error.ts'

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
  const content = await readContent('--cert', file)
  const isPkcs12 = startsAsPkcs12(content)
  if (flags['cert-type'] === 'P12' && !isPkcs12) throw unusable(`${file} of --cert is no PKCS#12`)
  if (isPkcs12 && flags['cert-type'] !== 'PEM') return readPkcs12(content, {flags, passphrase})
  const cert = content.toString()
  const key = flags.key === undefined ? undefined : (await readContent('--key', flags.key)).toString()
  if (!cert.includes('-----BEGIN CERTIFICATE-----'))
    throw unusable(`${file} of --cert holds no certificate in PEM form, and is no PKCS#12`)
  const keyText = key ?? cert
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(keyText)) throw unusable(missingKey(flags.key))
  return present({cert, key, passphrase: await readPassphrase(passphrase, keyText)})
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

/** RFC 7292, 4: a SEQUENCE that begins with the version 3. A certificate in DER begins with another SEQUENCE. */
export function startsAsPkcs12(content: Buffer): boolean {
  const [sequence, length = 0] = content
  const start = 2 + (length > 0x80 ? length - 0x80 : 0)
  return sequence === 0x30 && content.subarray(start, start + 3).equals(Buffer.from([2, 1, 3]))
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

async function readContent(named: string, file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new TransferError('CLIENT_CERTIFICATE', `The file ${file} of ${named} cannot be read`, {cause})
  })
}

function missingKey(file: string | undefined): string {
  if (file !== undefined) return `${file} of --key holds no private key in PEM form`
  return 'The file of --cert holds no private key, and --key names none'
}

function unusable(message: string, hint?: string): TransferError {
  return new TransferError('CLIENT_CERTIFICATE', message, hint === undefined ? {} : {hint})
}
