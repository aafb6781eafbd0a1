import {createHash, createHmac} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {certificates} from '../origin/certificates.ts'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import type {OriginRequest} from '../origin/request.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

let origin: Origin
let key: string

beforeAll(async () => {
  origin = await startOrigin()
  origin.on('*', respond(200))
  key = canary('aws')
})
afterAll(() => origin.close())

const keyId = 'AKID'
const scope = 'aws:amz:eu-test-1:s3'

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The signature that a request should have, from the text of AWS Signature Version 4 alone. */
function expectedSignature(request: OriginRequest, secret: string): string {
  const {groups = {}} =
    /^AWS4-HMAC-SHA256 Credential=(?<id>[^/]+)\/(?<scope>[^,]+), SignedHeaders=(?<names>[^,]+), Signature=\w+$/.exec(
      request.header('authorization') ?? ''
    ) ?? {}
  const names = (groups['names'] ?? '').split(';')
  const [path = '', query = ''] = request.target.split('?')
  const canonical = [
    request.method,
    path,
    query,
    ...names.map(name => `${name}:${request.header(name)}`),
    '',
    names.join(';'),
    request.header('x-amz-content-sha256')
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', request.header('x-amz-date'), groups['scope'], sha256(canonical)].join(
    '\n'
  )
  const hmac = (by: Buffer | string, text: string): Buffer => createHmac('sha256', by).update(text).digest()
  const signingKey = (groups['scope'] ?? '').split('/').reduce<Buffer | string>(hmac, `AWS4${secret}`)
  return createHmac('sha256', signingKey).update(toSign).digest('hex')
}

function fileWith(content: string): string {
  const path = join(scratchFolder(), 'a b.txt')
  writeFileSync(path, content)
  return path
}

function sign(...words: readonly string[]): readonly string[] {
  return ['upload', '--aws-sigv4', scope, '-u', 'env:AWS_PAIR', ...words]
}

describe('--aws-sigv4', () => {
  it('signs the request as AWS computes it, its content included, and tells nobody the key', async () => {
    const run = await runFerry(sign('-v', fileWith('content'), origin.url('/bucket/')), {
      env: {AWS_PAIR: `${keyId}:${key}`}
    })
    expect(run, run.stderr).toMatchObject({code: 0})
    const [request] = origin.requestsOf('/bucket/a%20b.txt')
    expect(origin.requestsOf('/bucket/a%20b.txt')).toHaveLength(1)
    expect(request?.header('x-amz-content-sha256')).toBe(sha256('content'))
    expect(request?.header('authorization')).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-test-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, /
    )
    expect(request?.header('authorization')).toContain(
      `Signature=${request && expectedSignature(request, key)}`
    )
    expect(request?.rawHead).not.toContain(key)
    expect(run.stderr).not.toMatch(/Signature=\w/)
  })

  it('leaves the content unsigned where TLS protects it, so that it is read once', async () => {
    await using secured = await startOrigin({tls: 'good'})
    secured.on('*', respond(200))
    const run = await runFerry(sign('--cacert', certificates.authorityPath, '-', secured.url('/x')), {
      env: {AWS_PAIR: `${keyId}:${key}`},
      input: 'piped'
    })
    expect(run, run.stderr).toMatchObject({code: 0})
    const [request] = secured.requests
    expect(request?.header('x-amz-content-sha256')).toBe('UNSIGNED-PAYLOAD')
    expect(request?.header('authorization')).toContain(
      `Signature=${request && expectedSignature(request, key)}`
    )
  })

  it('signs a copy of standard input with --spool, and says that without one it cannot', async () => {
    const env = {AWS_PAIR: `${keyId}:${key}`}
    const run = await runFerry(sign('--spool', '-', origin.url('/spooled')), {env, input: 'piped'})
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(origin.requestsOf('/spooled')[0]?.header('x-amz-content-sha256')).toBe(sha256('piped'))
    const refused = await runFerry(sign('-', origin.url('/piped')), {env, input: 'piped'})
    expect(refused).toMatchObject({code: 2})
    expect(explanation(refused).next).toContain('--spool')
    expect(origin.requestsOf('/piped')).toEqual([])
  })

  it('signs with no half of a key, as it is left by a variable that is not set', async () => {
    const asked = origin.requests.length
    for (const pair of [':', `${keyId}:`, `:${key}`]) {
      const run = await runFerry(sign(fileWith('x'), origin.url('/half')), {env: {AWS_PAIR: pair}})
      expect(run.code).toBe(2)
      expect(explanation(run).why).toContain('needs the key to sign with')
    }
    expect(origin.requests).toHaveLength(asked)
  })

  it('signs for no service that nobody has named, and says how to name it', async () => {
    const asked = origin.requests.length
    const words = [
      'upload',
      '-u',
      `${keyId}:${key}`,
      '--aws-sigv4',
      'aws:amz',
      fileWith('x'),
      origin.url('/')
    ]
    const run = await runFerry(words)
    expect(run.code).toBe(2)
    expect(explanation(run).next).toContain('aws:amz:REGION:SERVICE')
    expect(origin.requests).toHaveLength(asked)
  })

  it('sends the token of temporary keys where they come from the environment', async () => {
    const token = canary('session')
    const env = {AWS_PAIR: `${keyId}:${key}`, AWS_SESSION_TOKEN: token}
    await runFerry(sign('-d', 'x', origin.url('/token')), {env})
    const [request] = origin.requestsOf('/token')
    expect(request?.header('x-amz-security-token')).toBe(token)
    expect(request?.header('authorization')).toContain('x-amz-security-token')
    await runFerry(['upload', '--aws-sigv4', scope, '-u', `${keyId}:${key}`, '-d', 'x', origin.url('/own')], {
      env
    })
    expect(origin.requestsOf('/own')[0]?.header('x-amz-security-token')).toBeUndefined()
  })

  it('signs again for another address of the same server, and for no other server', async () => {
    await using other = await startOrigin()
    other.on('*', respond(200))
    origin.on('/here', redirect(307, '/there'))
    origin.on('/away', redirect(307, other.url('/stolen')))
    const env = {AWS_PAIR: `${keyId}:${key}`}
    await runFerry(sign('-d', 'x', origin.url('/here')), {env})
    const [second] = origin.requestsOf('/there')
    expect(second?.header('authorization')).toContain(`Signature=${second && expectedSignature(second, key)}`)
    await runFerry(sign('-d', 'x', origin.url('/away')), {env})
    expect(other.requestsOf('/stolen')[0]?.rawHead).not.toMatch(/authorization|x-amz/i)
  })

  it('asks for no upload resource: a large file is one request', async () => {
    const env = {AWS_PAIR: `${keyId}:${key}`}
    await runFerry(sign(fileWith('x'.repeat(2_000_000)), origin.url('/large')), {env})
    expect(origin.requestsOf('/large').map(({method}) => method)).toEqual(['PUT'])
    expect(origin.requestsOf('/large')[0]?.header('upload-complete')).toBeUndefined()
  })

  it.each([
    [['--aws-sigv4', 'goog:goog'], /aws:amz:REGION:SERVICE/],
    [['--aws-sigv4', 'aws:amz:a:b:c'], /aws:amz:REGION:SERVICE/],
    [['--aws-sigv4', scope], /needs the key/],
    [['--aws-sigv4', scope, '-u', 'env:AWS_PAIR', '--digest'], /exclude each other/],
    [['--aws-sigv4', scope, '-u', 'env:AWS_PAIR', '--resumable', 'tus'], /exclude each other/]
  ])('is refused where it makes no sense: %j', async (words, message) => {
    const env = {AWS_PAIR: `${keyId}:${key}`}
    const run = await runFerry(['upload', ...words, '-d', 'x', origin.url('/refused')], {env})
    expect(run.code).toBe(2)
    expect(explanation(run).why).toMatch(message)
    expect(origin.requestsOf('/refused')).toEqual([])
  })
})
