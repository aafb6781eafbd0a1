import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

/** The certificates that an origin can show. */
export type Identity = 'good' | 'expired' | 'wrongName' | 'unknownAuthority'

export interface Certificate {
  /** PEM text. */
  readonly cert: string
  readonly key: string
  readonly certPath: string
  readonly keyPath: string
}

/** The fixtures' folder. All of it is made by scripts/make-certificates.sh and trusted by nobody else. */
const folder = new URL('certificates/', import.meta.url)

const path = (name: string): string => fileURLToPath(new URL(name, folder))
const text = (name: string): string => readFileSync(path(name), 'utf8')

function certificate(name: string): Certificate {
  const [cert, key] = [`${name}.pem`, `${name}-key.pem`]
  return {cert: text(cert), key: text(key), certPath: path(cert), keyPath: path(key)}
}

export const certificates = {
  /** The authority behind all but `unknownAuthority`: for --cacert, NODE_EXTRA_CA_CERTS, `ca`. */
  authority: text('authority.pem'),
  authorityPath: path('authority.pem'),
  /** For localhost, 127.0.0.1 and ::1. */
  good: certificate('good'),
  expired: certificate('expired'),
  /** For elsewhere.invalid only. */
  wrongName: certificate('wrong-name'),
  /** For the right names, signed by itself. */
  unknownAuthority: certificate('unknown-authority'),
  /** Common name `ferry test client`. */
  client: certificate('client')
} as const
