import {readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {basic, demanding, startProxy} from '../engine/exchange/scripted-proxy.ts'
import {startSocks} from '../engine/exchange/scripted-socks.ts'
import {certificates} from '../origin/certificates.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin, OriginOptions} from '../origin/origin.ts'
import {freePort} from '../servers/program.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

const toOutput = ['get', '-o', '-', '--retry', '0']

async function originWith(options: OriginOptions = {}): Promise<Origin> {
  const origin = await startOrigin(options)
  origin.serve('/F', {body: 'whole'})
  return origin
}

describe('-x', () => {
  it.each([
    ['http://', (port: number) => `http://127.0.0.1:${port}`],
    ['no scheme', (port: number) => `127.0.0.1:${port}`]
  ])('with %s asks an http proxy', async (_what, name) => {
    await using origin = await originWith()
    const proxy = await startProxy()
    const run = await runFerry([...toOutput, '-x', name(proxy.port), origin.url('/F')])
    expect(run).toMatchObject({code: 0, stdout: 'whole'})
    expect(proxy.asked).toEqual([`GET ${origin.url('/F')} HTTP/1.1`])
  })

  it.each(['socks5', 'socks5h'])('with %s:// lets the proxy look names up', async scheme => {
    await using origin = await originWith()
    const proxy = await startSocks()
    const url = origin.url('/F', 'elsewhere.invalid')
    const run = await runFerry([...toOutput, '-x', `${scheme}://127.0.0.1:${proxy.port}`, url])
    expect(run).toMatchObject({code: 0, stdout: 'whole'})
    expect(proxy.targets).toEqual([`elsewhere.invalid:${origin.port}`])
  })

  it('wins over the environment, and "" asks nobody', async () => {
    await using origin = await originWith()
    const [own, environment] = [await startProxy(), await startProxy()]
    const env = {http_proxy: environment.url}
    await runFerry([...toOutput, origin.url('/F')], {env})
    expect(environment.heads).toHaveLength(1)
    await runFerry([...toOutput, '-x', own.url, origin.url('/F')], {env})
    await runFerry([...toOutput, '-x', '', origin.url('/F')], {env})
    expect([own.heads.length, environment.heads.length, origin.requests.length]).toEqual([1, 1, 3])
  })

  it.each([
    ['socks4://127.0.0.1:1', /SOCKS4/],
    ['ftp://127.0.0.1:1', /scheme/],
    ['proxy.test', /port/],
    ['http://a b:1', /read/]
  ])('%s stops with exit 2 before anything is sent', async (given, why) => {
    await using origin = await originWith()
    const run = await runFerry([...toOutput, '-x', given, origin.url('/F')])
    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(explanation(run).why).toMatch(why)
    expect(origin.connections).toBe(0)
  })

  it('ends with 7 where nobody is, 5 where the name means nothing, 97 where a tunnel is refused', async () => {
    const url = 'https://127.0.0.1:9/F'
    const proxy = await startProxy({objection: () => 'HTTP/1.1 403 No\r\n\r\n'})
    const ends: readonly [string, number, string][] = [
      [`127.0.0.1:${await freePort()}`, 7, 'CONNECT_FAILED'],
      [`${'x'.repeat(64)}.localhost:1`, 5, 'PROXY_NOT_RESOLVED'],
      [proxy.url, 97, 'PROXY_HANDSHAKE']
    ]
    for (const [given, code, word] of ends) {
      const run = await runFerry([...toOutput, '-x', given, url])
      expect(run).toMatchObject({code, stdout: ''})
      expect(explanation(run).code).toBe(word)
    }
  })
})

describe('--noproxy', () => {
  it('asks its hosts directly, instead of those of NO_PROXY', async () => {
    await using origin = await originWith()
    const proxy = await startProxy()
    const env = {http_proxy: proxy.url, NO_PROXY: '127.0.0.0/8'}
    const url = origin.url('/F')
    await runFerry([...toOutput, url], {env})
    await runFerry([...toOutput, '-x', proxy.url, url], {env})
    await runFerry([...toOutput, '--noproxy', 'other.test,127.0.0.1', '-x', proxy.url, url])
    expect(proxy.heads).toEqual([])
    await runFerry([...toOutput, '--noproxy', '', url], {env})
    expect(proxy.heads).toHaveLength(1)
  })
})

describe('--proxy-user', () => {
  it.each(['literal', 'env', 'file'])('signs in at the proxy; given as %s', async form => {
    const password = canary('proxy')
    await using origin = await originWith()
    const right = basic('bob', password)
    const proxy = await startProxy({objection: demanding('Basic realm="p"', value => value === right)})
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'pair'), `bob:${password}\n`)
    const given = {literal: `bob:${password}`, env: 'env:PAIR', file: '@pair'}[form] ?? ''
    const env = {PAIR: `bob:${password}`}
    const words = ['get', '-v', '--retry', '0', '-x', proxy.url, '--proxy-user', given, origin.url('/F')]
    const run = await runFerry(words, {cwd, env})
    expect(run.code).toBe(0)
    expect(run.stderr.includes('process list')).toBe(form === 'literal')
    expect(run.stdout + run.stderr).not.toContain(password)
    expect(origin.requests[0]?.rawHead).not.toMatch(/proxy-authorization/i)
    expect(readdirSync(cwd).toSorted()).toEqual(['F', 'pair'])
  })

  it('that is wrong for a tunnel ends with 97, without the secret in what is said', async () => {
    const password = canary('proxy')
    const proxy = await startProxy({objection: demanding('Basic realm="p"', () => false)})
    const address = proxy.url.replace('//', `//bob:${password}@`)
    for (const output of [[], ['--json'], ['--events']]) {
      const run = await runFerry(['get', '--retry', '0', ...output, '-x', address, 'https://127.0.0.1:9/F'])
      expect(run.code).toBe(97)
      expect(run.stdout + run.stderr).not.toContain(password)
    }
  })
})

describe('-k', () => {
  it.each([
    ['alone', []],
    ['with --cacert', ['--cacert', certificates.authorityPath]],
    ['with --http2', ['--http2']],
    ['with --tlsv1.3', ['--tlsv1.3']],
    ['with a proxy', ['-x', 'PROXY']],
    ['with a pin', ['--pinnedpubkey', certificates.unknownAuthority.certPath]],
    ['with a client certificate', ['-E', certificates.client.certPath, '--key', certificates.client.keyPath]],
    ['twice', ['--insecure']]
  ])('%s is said loudly, once [CVE 65]', async (_what, others) => {
    await using origin = await originWith({tls: 'unknownAuthority'})
    const proxy = await startProxy()
    const words = others.map(word => (word === 'PROXY' ? proxy.url : word))
    const run = await runFerry([...toOutput, '-k', ...words, origin.url('/F')])
    expect(run).toMatchObject({code: 0, stdout: 'whole'})
    expect(run.stderr.match(/-k: the certificate is not checked/g)).toHaveLength(1)
  })

  it('is for its run alone: what it left to be resumed is checked again [CVE 65]', async () => {
    await using origin = await startOrigin({tls: 'unknownAuthority'})
    const body = Buffer.alloc(400_000, 'x')
    origin.serve('/F', {body, entityTag: '"1"', faults: [{cutAfter: 200_000}]})
    const cwd = scratchFolder()
    const first = await runFerry(['get', '-k', '--retry', '0', origin.url('/F')], {cwd})
    expect(first.code).toBe(18)
    expect(readFileSync(join(cwd, 'F.ferry'), 'utf8')).not.toMatch(/insecure/i)
    const home = scratchFolder()
    const again = await runFerry(['resume', '--trust-resume-data', 'F.ferry'], {cwd, env: {FERRY_HOME: home}})
    expect(again.code).toBe(60)
  })
})

describe('a client certificate in PKCS#12', () => {
  const file = certificates.client.certPath.replace(/pem$/, 'p12')
  const trusting = [...toOutput, '--cacert', certificates.authorityPath]

  it.each([
    [['-E', `${file}:env:PASS`]],
    [['--cert-type', 'P12', '-E', `${file}:env:PASS`]],
    [['-E', `${file}:env:PASS`, '--http2']]
  ])('is shown to the server that demands one: %j', async words => {
    await using origin = await originWith({tls: 'good', clientCertificate: 'required'})
    const run = await runFerry([...trusting, ...words, origin.url('/F')], {env: {PASS: 'open sesame'}})
    expect(run, run.stderr).toMatchObject({code: 0, stdout: 'whole'})
    expect(origin.requests[0]?.handshake?.clientName).toBe('ferry test client')
  })

  it.each([
    ['without its passphrase', [file], /PKCS#12.*missing or wrong/],
    ['with another passphrase', [`${file}:env:PASS`], /PKCS#12.*missing or wrong/],
    ['that is none', [certificates.client.certPath, '--cert-type', 'P12'], /no PKCS#12/],
    ['that is no PEM', [`${file}:env:PASS`, '--cert-type', 'PEM'], /no certificate in PEM/]
  ])('%s ends with 58 before anybody is asked', async (_what, words, why) => {
    await using origin = await originWith({tls: 'good', clientCertificate: 'required'})
    const run = await runFerry([...trusting, '-E', ...words, origin.url('/F')], {
      env: {PASS: canary('passphrase')}
    })
    expect(run).toMatchObject({code: 58, stdout: ''})
    expect(explanation(run).why).toMatch(why)
    expect(origin.connections).toBe(0)
  })
})
