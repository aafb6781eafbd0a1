import {createHash} from 'node:crypto'
import type {DigestHash} from '../../fields/digest-challenge.ts'
import type {RequestBody} from '../../request-body.ts'
import {openSslNames} from './digest.ts'

/**
 * The hash of a body, in hexadecimal, for a server that wants it signed along (auth-int, RFC 7616, 3.4.3). The body is
 * read once more for it. Rejects with what its reading rejects with.
 */
export async function entityDigest(body: RequestBody, name: DigestHash): Promise<string> {
  const hash = createHash(openSslNames[name])
  const reading = body.again('challenge').open()
  try {
    for await (const piece of reading) hash.update(piece)
  } finally {
    reading.close()
  }
  return hash.digest('hex')
}
