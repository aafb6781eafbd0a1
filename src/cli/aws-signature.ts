import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {pipeline} from 'node:stream/promises'
import type {HeaderField, RequestSigner, TransferError, UploadSource} from '../engine/index.ts'
import {authenticationArguments} from './authentication-arguments.ts'
import type {UploadFlags} from './transfer-flags.ts'
import {usageError} from './usage-error.ts'
import {unreadable} from './why-unreadable.ts'

/** Signing of uploads for AWS (Signature Version 4). */
export interface AwsSigning {
  readonly signerFor: (source: UploadSource) => RequestSigner
  readonly warnings: readonly string[]
}

/** Where a signature holds; undefined = as the host says. */
interface AwsScope {
  readonly region: string | undefined
  readonly service: string | undefined
}

interface AwsKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/**
 * Reads --aws-sigv4, with the key of -u. The token of temporary keys is AWS_SESSION_TOKEN where the key comes from the
 * environment too. Rejects with USAGE or READ_FAILED.
 */
export async function awsSigning(flags: UploadFlags): Promise<AwsSigning | undefined> {
  const given = flags['aws-sigv4']
  if (given === undefined) return undefined
  const scope = parseScope(given)
  assertAlone(flags)
  const {authentication, warnings} = await authenticationArguments(flags)
  const credential = authentication?.credential
  if (credential?.kind !== 'password' || !credential.user || !credential.password) throw missingKey()
  const token = flags.user?.startsWith('env:') ? process.env['AWS_SESSION_TOKEN'] : undefined
  const key = {
    accessKeyId: credential.user,
    secretAccessKey: credential.password,
    ...(token && {sessionToken: token})
  }
  return {warnings, signerFor: source => awsSigner({key, scope}, source)}
}

function missingKey(): Error {
  return usageError(
    '--aws-sigv4 needs the key to sign with: -u ID:SECRET',
    'Safer than a literal: -u env:NAME, where the variable holds ID:SECRET, or -u @FILE.'
  )
}

// curl's words: PROVIDER[:PROVIDER[:REGION[:SERVICE]]]; the providers decide what the headers are called.
function parseScope(given: string): AwsScope {
  const [first, second = 'amz', region, service, ...more] = given.split(':')
  if (first !== 'aws' || second !== 'amz' || more.length > 0) {
    throw usageError(
      '--aws-sigv4 needs aws:amz:REGION:SERVICE, or the beginning of it',
      'For example aws:amz:eu-central-1:s3; other providers than aws:amz are not signed for.'
    )
  }
  return {region: region || undefined, service: service || undefined}
}

function assertAlone(flags: UploadFlags): void {
  const other = (['digest', 'anyauth', 'negotiate', 'oauth2-bearer'] as const).find(name => flags[name])
  if (other !== undefined) throw usageError(`--aws-sigv4 and --${other} exclude each other`)
  if (flags.resumable === undefined || flags.resumable === 'none') return
  throw usageError(
    '--aws-sigv4 and --resumable exclude each other: what AWS speaks is neither tus nor the draft',
    'Leave --resumable out.'
  )
}

interface AwsSigner {
  readonly key: AwsKey
  readonly scope: AwsScope
}

function awsSigner({key, scope}: AwsSigner, source: UploadSource): RequestSigner {
  let digest: Promise<string> | undefined
  return async request => {
    const {AwsV4Signer} = await import('aws4fetch')
    const signerOf = (headers: readonly HeaderField[]): InstanceType<typeof AwsV4Signer> =>
      new AwsV4Signer({
        ...key,
        method: request.method,
        url: request.url.href,
        headers: headers.map(([name, value]): [string, string] => [name, value]),
        ...(scope.region !== undefined && {region: scope.region}),
        ...(scope.service !== undefined && {service: scope.service})
      })
    const headers = request.headers.filter(([name]) => /^x-amz-/i.test(name))
    if (signerOf(headers).service === '') throw unnamedService()
    if (!headers.some(([name]) => name.toLowerCase() === 'x-amz-content-sha256')) {
      const isOpen = signerOf(headers).service === 's3' && request.url.protocol === 'https:'
      const content = isOpen || !request.body ? undefined : (digest ??= digestOf(source))
      const payload = isOpen ? 'UNSIGNED-PAYLOAD' : ((await content) ?? createHash('sha256').digest('hex'))
      headers.push(['X-Amz-Content-Sha256', payload])
    }
    const signed = await signerOf(headers).sign()
    return {...request, headers: withSignature(request.headers, [...signed.headers])}
  }
}

function unnamedService(): TransferError {
  return usageError(
    '--aws-sigv4: the host does not name a service to sign for',
    'Name region and service: --aws-sigv4 aws:amz:REGION:SERVICE, for example aws:amz:us-east-1:s3.'
  )
}

// What TLS does not protect, and what is not for S3, is signed with its content.
async function digestOf(source: UploadSource): Promise<string> {
  const hash = createHash('sha256')
  switch (source.kind) {
    case 'file':
      await pipeline(createReadStream(source.path), hash).catch(unreadable(source.path))
      return hash.digest('hex')
    case 'data':
      return hash.update(source.data).digest('hex')
    default:
      throw usageError(
        '--aws-sigv4: here the content is signed too, so it has to be known before it is sent',
        'Send a file, use --spool for standard input, or use https.'
      )
  }
}

const spelling: Readonly<Record<string, string>> = {
  authorization: 'Authorization',
  'x-amz-content-sha256': 'X-Amz-Content-Sha256',
  'x-amz-date': 'X-Amz-Date',
  'x-amz-security-token': 'X-Amz-Security-Token'
}

function withSignature(
  headers: readonly HeaderField[],
  signed: readonly (readonly [string, string])[]
): readonly HeaderField[] {
  const names = new Set(signed.map(([name]) => name))
  const added = signed.map(([name, value]): HeaderField => [spelling[name] ?? name, value])
  return [...headers.filter(([name]) => !names.has(name.toLowerCase())), ...added]
}
