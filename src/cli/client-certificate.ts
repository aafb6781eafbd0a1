import {readFile} from 'node:fs/promises'
import {TransferError} from '../engine/index.ts'
import {present} from './present.ts'
import {askSecret, readSecret} from './secret-argument.ts'
import {usageError} from './usage-error.ts'

export interface CertificateFlags {
  readonly cert?: string
  readonly key?: string
}

/** What the engine needs to show a client certificate: PEM texts, and the passphrase of an encrypted key. */
export interface ClientCertificate {
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
}

/** Reads --cert and --key. Rejects with USAGE, or CLIENT_CERTIFICATE for what cannot be read or is none. */
export async function readClientCertificate(flags: CertificateFlags): Promise<ClientCertificate> {
  if (flags.cert === undefined) {
    if (flags.key === undefined) return {}
    throw usageError('--key is the key of a certificate, and there is none', 'Name it with --cert FILE.')
  }
  const {file, passphrase} = splitCertificateArgument(flags.cert)
  const cert = await readPem('--cert', file)
  const key = flags.key === undefined ? undefined : await readPem('--key', flags.key)
  if (!cert.includes('-----BEGIN CERTIFICATE-----'))
    throw unusable(`${file} of --cert holds no certificate in PEM form`)
  const keyText = key ?? cert
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(keyText)) throw unusable(missingKey(flags.key))
  return present({cert, key, passphrase: await readPassphrase(passphrase, keyText)})
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

async function readPassphrase(given: string | undefined, key: string): Promise<string | undefined> {
  const flag = '--cert (passphrase)'
  if (given !== undefined) return (await readSecret(flag, given)).value
  const isEncrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key)
  if (!isEncrypted) return undefined
  if (process.stdin.isTTY) return askSecret('Passphrase of the client key')
  throw unusable(
    'The key of --cert is encrypted, and there is no passphrase',
    'Give it: --cert FILE:@FILE or FILE:env:NAME.'
  )
}

async function readPem(flag: string, file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TransferError('CLIENT_CERTIFICATE', `The file ${file} of ${flag} cannot be read`, {cause})
  })
}

function missingKey(file: string | undefined): string {
  if (file !== undefined) return `${file} of --key holds no private key in PEM form`
  return 'The file of --cert holds no private key, and --key names none'
}

function unusable(message: string, hint?: string): TransferError {
  return new TransferError('CLIENT_CERTIFICATE', message, hint === undefined ? {} : {hint})
}
