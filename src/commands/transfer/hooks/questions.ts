import type {
  AuthenticationMethod,
  CacheDecision,
  ChallengeDecision,
  Credential,
  ResponseDisposition
} from '../../../engine/index.ts'
import type {CertificateFiles} from '../../../cli/certificate-files.ts'
import {present} from '../../../cli/present.ts'
import {plainDecision} from './read-answer.ts'
import type {Answer} from './read-answer.ts'

/** What a hook is asked: which answers there are, and what they mean. */
export interface Question<D> {
  /** For the one who wrote the hook. */
  readonly expected: string
  /** Undefined: no answer to this question. */
  readonly read: (answer: Answer) => D | undefined
}

/** follow: as the server says. */
export type RedirectAnswer = 'follow' | 'deny' | {readonly url: string}

export const redirectQuestion: Question<RedirectAnswer> = {
  expected: '{"decision":"follow"}, {"decision":"deny"} or {"url":"https://..."}',
  read: answer => {
    const plain = plainDecision(answer, ['follow', 'deny'])
    if (plain) return plain
    const {url, decision = 'follow', ...rest} = Object.fromEntries(answer)
    if (decision !== 'follow' || Object.keys(rest).length > 0 || typeof url !== 'string') return undefined
    // What is no whole address would be completed to one that nobody meant.
    return /^[a-z][a-z0-9+.-]*:/i.test(url) ? {url} : undefined
  }
}

export const responseQuestion: Question<ResponseDisposition> = {
  expected: '{"decision":"allow"}, {"decision":"cancel"} or {"decision":"becomeDownload"}',
  read: answer => plainDecision(answer, ['allow', 'cancel', 'becomeDownload'])
}

export const cacheQuestion: Question<CacheDecision> = {
  expected: '{"decision":"store"}, {"decision":"memory"} or {"decision":"deny"}',
  read: answer => plainDecision(answer, ['store', 'memory', 'deny'])
}

/** Which credential answers a method: `{"decision":"useCredential"}` and these fields beside it. */
const credentialFields: Readonly<Record<AuthenticationMethod, readonly string[]>> = {
  Basic: ['user', 'password'],
  Digest: ['user', 'password'],
  Bearer: ['token'],
  Negotiate: [],
  NTLM: [],
  ServerTrust: [],
  ClientCertificate: ['cert', 'key', 'passphrase']
}

/** What a hook decides on a challenge; a client certificate is still in its files. */
export type ChallengeAnswer =
  ChallengeDecision | {readonly disposition: 'useCredential'; readonly files: CertificateFiles}

/** The question that a challenge of this method puts. */
export function challengeQuestion(method: AuthenticationMethod): Question<ChallengeAnswer> {
  const fields = credentialFields[method].map(field => [field, '...'])
  const credential = JSON.stringify({decision: 'useCredential', ...Object.fromEntries(fields)})
  const others = ['performDefaultHandling', 'rejectProtectionSpace', 'cancel'] as const
  const examples = [credential, ...others.map(decision => JSON.stringify({decision}))]
  return {
    expected: `${examples.slice(0, -1).join(', ')} or ${examples.at(-1)}`,
    read: answer => {
      const disposition = plainDecision(answer, others)
      if (disposition) return {disposition}
      if (answer.get('decision') !== 'useCredential') return undefined
      if (method === 'ClientCertificate') {
        const files = filesOf(answer)
        return files && {disposition: 'useCredential', files}
      }
      const given = credentialOf(method, answer)
      return given ? {disposition: 'useCredential', credential: given} : undefined
    }
  }
}

function credentialOf(method: AuthenticationMethod, answer: Answer): Credential | undefined {
  const fields = credentialFields[method]
  if (answer.size !== fields.length + 1) return undefined
  const [first, second] = fields.map(field => answer.get(field))
  if (fields.length === 0) return {kind: method === 'ServerTrust' ? 'trust' : 'ticket'}
  if (typeof first !== 'string') return undefined
  if (fields.length === 1) return {kind: 'bearer', token: first}
  return typeof second === 'string' ? {kind: 'password', user: first, password: second} : undefined
}

// The key may be in the file of the certificate, and need no passphrase.
function filesOf(answer: Answer): CertificateFiles | undefined {
  const {decision: _decision, cert, key, passphrase, ...others} = Object.fromEntries(answer)
  if (Object.keys(others).length > 0 || typeof cert !== 'string') return undefined
  if (!isOptionalText(key) || !isOptionalText(passphrase)) return undefined
  return {cert, ...present({key, passphrase})}
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}
