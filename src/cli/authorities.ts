import {X509Certificate} from 'node:crypto'
import {readFile, readdir} from 'node:fs/promises'
import path from 'node:path'
import {TransferError} from '../engine/index.ts'

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The authorities of --cacert and --capath together, as PEM text. Rejects with CA_FILE. */
export async function readAuthorities(given: {
  readonly file: string | undefined
  readonly folder: string | undefined
}): Promise<string | undefined> {
  const found: string[] = []
  if (given.file !== undefined) found.push(...(await certificatesOfFile(given.file)))
  if (given.folder !== undefined) found.push(...(await certificatesOfFolder(given.folder)))
  // A folder that was prepared for OpenSSL has each certificate under two names.
  return found.length === 0 ? undefined : [...new Set(found)].join('\n')
}

async function certificatesOfFile(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TransferError('CA_FILE', `The file ${file} of --cacert cannot be read`, {cause})
  })
  const found = certificatesIn(text)
  if (found.length > 0) return found
  throw new TransferError('CA_FILE', `The file ${file} of --cacert holds no certificate in PEM form`)
}

async function certificatesOfFolder(folder: string): Promise<readonly string[]> {
  const found: string[] = []
  try {
    for (const name of (await readdir(folder)).toSorted()) {
      found.push(...certificatesIn(await textOf(path.join(folder, name))))
    }
  } catch (cause) {
    throw new TransferError('CA_FILE', `The folder ${folder} of --capath cannot be read`, {cause})
  }
  if (found.length > 0) return found
  throw new TransferError(
    'CA_FILE',
    `No file of the folder ${folder} of --capath holds a certificate in PEM form`
  )
}

// Such folders have sub-folders, and links to certificates that were removed.
async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EISDIR' || error.code === 'ENOENT') return ''
    throw error
  })
}

function certificatesIn(text: string): readonly string[] {
  return (text.match(certificateBlock) ?? []).filter(isCertificate)
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).fingerprint256 !== ''
  } catch {
    return false
  }
}
