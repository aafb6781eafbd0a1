import {X509Certificate, createHash, createPrivateKey} from 'node:crypto'
import {mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {certificates} from '../origin/certificates.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

const trusting = ['get', '-o', '-', '--retry', '0', '--cacert', certificates.authorityPath]
const passphrase = 'open sesame'

async function membersOnly(): Promise<Origin> {
  const origin = await startOrigin({tls: 'good', clientCertificate: 'required'})
  origin.serve('/F', {body: 'whole'})
  return origin
}

/** A folder with the client certificate and its encrypted key in one file. */
function encryptedIdentity(): {cwd: string; file: string} {
  const cwd = scratchFolder()
  const {cert, key} = certificates.client
  const options = {type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase} as const
  const locked = createPrivateKey(key).export(options)
  writeFileSync(join(cwd, 'me:here.pem'), `${cert}${String(locked)}`)
  writeFileSync(join(cwd, 'secret'), `${passphrase}\n`)
  return {cwd, file: String.raw`me\:here.pem`}
}

describe('a client certificate', () => {
  it('is shown to the server that demands one', async () => {
    await using origin = await membersOnly()
    const {certPath, keyPath} = certificates.client
    const run = await runFerry([...trusting, '-E', certPath, '--key', keyPath, origin.url('/F')])
    expect(run).toMatchObject({code: 0, stdout: 'whole'})
    expect(origin.requests[0]?.handshake?.clientName).toBe('ferry test client')
  })

  it.each([
    ['@secret', 'private'],
    ['env:PASS', 'private'],
    [passphrase, 'warned about']
  ])('is opened by the passphrase %s, which is %s', async (given, standing) => {
    await using origin = await membersOnly()
    const {cwd, file} = encryptedIdentity()
    const args = [...trusting, '--cert', `${file}:${given}`, origin.url('/F')]
    const run = await runFerry(args, {cwd, env: {PASS: passphrase}})
    expect(run).toMatchObject({code: 0, stdout: 'whole'})
    expect(run.stderr.includes('process list')).toBe(standing === 'warned about')
    expect(run.stderr).not.toContain(passphrase)
  })

  it('leaves nothing of its key in resume data', async () => {
    await using origin = await membersOnly()
    origin.serve('/cut', {body: 'x'.repeat(2000), entityTag: '"v1"', fault: {cutAfter: 700}})
    const {cwd, file} = encryptedIdentity()
    const args = ['get', '--retry', '0', '--cacert', certificates.authorityPath, '--cert', `${file}:@secret`]
    const run = await runFerry([...args, origin.url('/cut')], {cwd})
    expect(run.code).toBe(18)
    expect(readdirSync(cwd)).toContain('cut.ferry')
    const kept = readFileSync(join(cwd, 'cut.ferry'), 'utf8')
    for (const secret of [passphrase, 'PRIVATE KEY', 'me:here']) expect(kept).not.toContain(secret)
  })

  it.each([
    ['is not there', ['--cert', 'none.pem']],
    ['is none', ['--cert', 'secret']],
    ['has no key', ['--cert', certificates.client.certPath]],
    ['has the key of another', ['--cert', certificates.client.certPath, '--key', certificates.good.keyPath]],
    ['is locked', ['--cert', String.raw`me\:here.pem`]],
    ['is locked by another passphrase', ['--cert', String.raw`me\:here.pem:env:HOME`]]
  ])('ends with 58 CLIENT_CERTIFICATE before anything is sent when it %s', async (_what, flags) => {
    await using origin = await membersOnly()
    const {cwd} = encryptedIdentity()
    const run = await runFerry([...trusting, ...flags, origin.url('/F')], {cwd})
    expect(run).toMatchObject({code: 58, stdout: ''})
    expect(explanation(run).code).toBe('CLIENT_CERTIFICATE')
    expect(origin.connections).toBe(0)
  })

  it('is more than a key: --key alone is a mistake', async () => {
    const run = await runFerry([...trusting, '--key', certificates.client.keyPath, 'https://localhost/F'])
    expect(run).toMatchObject({code: 2})
    expect(explanation(run).next).toContain('--cert')
  })
})

describe('a folder of authorities', () => {
  it('is trusted with all its certificates, whatever else lies in it', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.serve('/F', {body: 'whole'})
    const cwd = scratchFolder()
    mkdirSync(join(cwd, 'ca', 'more'), {recursive: true})
    writeFileSync(join(cwd, 'ca', 'a.pem'), certificates.unknownAuthority.cert)
    writeFileSync(join(cwd, 'ca', 'b.pem'), certificates.authority)
    writeFileSync(join(cwd, 'ca', 'notes.txt'), 'no certificate')
    symlinkSync('removed.pem', join(cwd, 'ca', 'c.0'))
    const run = await runFerry(['get', '-o', '-', '--capath', 'ca', origin.url('/F')], {cwd})
    expect(run).toMatchObject({code: 0, stdout: 'whole'})
  })

  it.each(['none', 'empty'])('that is %s ends with 77 CA_FILE', async folder => {
    const cwd = scratchFolder()
    mkdirSync(join(cwd, 'empty'))
    const run = await runFerry(['get', '--capath', folder, 'https://localhost/F'], {cwd})
    expect(run).toMatchObject({code: 77})
    expect(explanation(run)).toMatchObject({code: 'CA_FILE'})
    expect(run.stderr).toContain(folder)
  })
})

describe('a pinned key', () => {
  const pinOf = (pem: string): string => {
    const der = new X509Certificate(pem).publicKey.export({type: 'spki', format: 'der'})
    return `sha256//${createHash('sha256').update(der).digest('base64')}`
  }
  const right = pinOf(certificates.good.cert)
  const wrong = pinOf(certificates.expired.cert)

  it.each([
    ['one of several digests', `${wrong};${right}`],
    ['the key in a file', 'key.pem'],
    ['the key in a binary file', 'key.der']
  ])('that is %s lets the server answer', async (_what, given) => {
    await using origin = await startOrigin({tls: 'good'})
    origin.serve('/F', {body: 'whole'})
    const cwd = scratchFolder()
    const {publicKey} = new X509Certificate(certificates.good.cert)
    writeFileSync(join(cwd, 'key.pem'), publicKey.export({type: 'spki', format: 'pem'}))
    writeFileSync(join(cwd, 'key.der'), publicKey.export({type: 'spki', format: 'der'}))
    const run = await runFerry([...trusting, '--pinnedpubkey', given, origin.url('/F')], {cwd})
    expect(run).toMatchObject({code: 0, stdout: 'whole'})
  })

  it('that the server has not ends with 90 PIN_MISMATCH, with -k too, and nothing is asked', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.serve('/F', {body: 'whole'})
    const url = origin.url('/F')
    const run = await runFerry([...trusting, '--http2', '--pinnedpubkey', wrong, url])
    expect(run).toMatchObject({code: 90, stdout: ''})
    expect(explanation(run)).toMatchObject({failed: `GET ${url}`, code: 'PIN_MISMATCH'})
    expect(await runFerry([...trusting, '-q', '-k', '--pinnedpubkey', wrong, url])).toMatchObject({code: 90})
    expect(origin.requests).toHaveLength(0)
  })

  it.each([
    ['sha256//short', 2, 'USAGE'],
    [`${right};sha1//x`, 2, 'USAGE'],
    ['no-such-file', 26, 'READ_FAILED']
  ])('%s that cannot be read as one ends with %i', async (given, code, name) => {
    const run = await runFerry(['get', '--pinnedpubkey', given, 'https://localhost/F'])
    expect(run).toMatchObject({code})
    expect(explanation(run).code).toBe(name)
  })
})
