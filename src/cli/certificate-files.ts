import {readFile} from 'node:fs/promises'
import {TransferError} from '../engine/index.ts'
import type {CertificateCredential} from '../engine/index.ts'
import {present} from './present.ts'

/** Files of a client certificate that a hook names, relative to the working folder. */
export interface CertificateFiles {
  /** PEM, with its chain, or PKCS#12. */
  readonly cert: string
  /** PEM; absent where it is in cert. */
  readonly key?: string
  /** The passphrase itself. */
  readonly passphrase?: string
}

/** What names the files, for messages. */
export interface CertificateNames {
  readonly cert: string
  readonly key: string
}

/** Texts of a certificate and of its key; without a text of its own, the key is in that of the certificate. */
export interface PemPair {
  readonly cert: string
  readonly key: string | undefined
}

/** Reads what a hook names. Rejects with CLIENT_CERTIFICATE for what cannot be read or is none. */
export async function readCertificateFiles(
  {cert, key, passphrase}: CertificateFiles,
  names: CertificateNames
): Promise<CertificateCredential> {
  const content = await readCertificateContent(names.cert, cert)
  const opening = {kind: 'certificate', ...present({passphrase})} as const
  if (!startsAsPkcs12(content)) {
    const pair = await readPemPair(content, {files: {cert, ...present({key})}, names})
    return {...opening, ...present(pair), cert: pair.cert}
  }
  if (key === undefined) return {...opening, pkcs12: content.toString('base64')}
  throw unusable(
    `${cert} of ${names.cert} is PKCS#12, which holds its key: ${names.key} has no place beside it`
  )
}

interface Named {
  readonly files: CertificateFiles
  readonly names: CertificateNames
}

/** Reads the key that belongs to a certificate in PEM. Rejects with CLIENT_CERTIFICATE. */
export async function readPemPair(content: Buffer, {files, names}: Named): Promise<PemPair> {
  const cert = content.toString()
  const key =
    files.key === undefined ? undefined : (await readCertificateContent(names.key, files.key)).toString()
  if (!cert.includes('-----BEGIN CERTIFICATE-----'))
    throw unusable(`${files.cert} of ${names.cert} holds no certificate in PEM form, and is no PKCS#12`)
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key ?? cert)) throw unusable(missingKey(files.key, names))
  return {cert, key}
}

/** Rejects with CLIENT_CERTIFICATE. */
export async function readCertificateContent(name: string, file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new TransferError('CLIENT_CERTIFICATE', `The file ${file} of ${name} cannot be read`, {cause})
  })
}

/** RFC 7292, 4: a SEQUENCE that begins with the version 3. A certificate in DER begins with another SEQUENCE. */
export function startsAsPkcs12(content: Buffer): boolean {
  const [sequence, length = 0] = content
  const start = 2 + (length > 0x80 ? length - 0x80 : 0)
  return sequence === 0x30 && content.subarray(start, start + 3).equals(Buffer.from([2, 1, 3]))
}

function missingKey(file: string | undefined, names: CertificateNames): string {
  if (file !== undefined) return `${file} of ${names.key} holds no private key in PEM form`
  return `The file of ${names.cert} holds no private key, and ${names.key} names none`
}

/** A client certificate that is of no use. */
export function unusable(message: string, hint?: string): TransferError {
  return new TransferError('CLIENT_CERTIFICATE', message, hint === undefined ? {} : {hint})
}
