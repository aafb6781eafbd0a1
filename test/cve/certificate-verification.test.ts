import {createHash, X509Certificate} from 'node:crypto'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {certificates} from '../origin/certificates.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin({tls: 'unknownAuthority'})
  origin.serve('/F', {body: 'content'})
  origin.serve('/cut', {body: 'x'.repeat(2000), entityTag: '"v1"', fault: {cutAfter: 700}})
})
afterAll(() => origin.close())

const der = new X509Certificate(certificates.unknownAuthority.cert).publicKey.export({
  type: 'spki',
  format: 'der'
})
const itsOwnKey = `sha256//${createHash('sha256').update(der).digest('base64')}`

/** What else may be said about a connection. */
const companions: readonly (readonly [string, ...string[]])[] = [
  ['--tlsv1.2'],
  ['--tlsv1.3'],
  ['--tls-max', '1.2'],
  ['--http1.1'],
  ['--http2'],
  ['-4'],
  ['--cacert', 'authority.pem'],
  ['--pinnedpubkey', itsOwnKey],
  ['--location-trusted'],
  ['--allow-downgrade'],
  ['--retry-all-errors', '--retry', '1'],
  ['--ephemeral'],
  ['--noproxy', '*']
]

describe.each(companions)('a certificate that nobody vouches for, with %s', (...flags) => {
  const words = (...more: readonly string[]) => ['get', '-o', '-', ...flags, ...more, origin.url('/F')]
  const cwd = () => {
    const folder = scratchFolder()
    writeFileSync(join(folder, 'authority.pem'), certificates.authority)
    return folder
  }

  it('is refused, and nothing is sent [CVE 65]', async () => {
    const before = origin.requests.length
    expect(await runFerry(words(), {cwd: cwd()})).toMatchObject({code: 60, stdout: ''})
    expect(origin.requests).toHaveLength(before)
  })

  it('is taken with -k only, and one line says so [CVE 65]', async () => {
    const run = await runFerry(words('-k'), {cwd: cwd()})
    expect(run).toMatchObject({code: 0, stdout: 'content'})
    expect(run.stderr.match(/^warning: .*certificate is not checked/gm)).toHaveLength(1)
  })
})

describe('a transfer that was begun without checking the certificate', () => {
  it('goes on only where that is said again: resume data does not keep it [CVE 65]', async () => {
    const options = {cwd: scratchFolder(), env: {FERRY_HOME: scratchFolder()}}
    const begun = await runFerry(['get', '-k', '--retry', '0', '-o', 'F', origin.url('/cut')], options)
    expect(begun.code).toBe(18)
    expect(readFileSync(join(options.cwd, 'F.ferry'), 'utf8')).not.toMatch(/insecure/i)
    const before = origin.requests.length
    expect(await runFerry(['resume', '--retry', '0', 'F.ferry'], options)).toMatchObject({code: 60})
    expect(origin.requests).toHaveLength(before)
  })
})
