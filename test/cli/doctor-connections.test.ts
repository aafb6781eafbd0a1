import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {certificates} from '../origin/certificates.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {diagnose} from './diagnosis.ts'
import {canary} from '../canary/canary.ts'

const addressSecret = canary('address')
const proxySecret = canary('proxy')

let origin: Origin
let home: string
beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())
beforeEach(() => {
  home = scratchFolder()
})

const here = (env: Readonly<Record<string, string>> = {}) => ({
  cwd: scratchFolder(),
  env: {FERRY_HOME: home, ...env}
})

describe('doctor on an address', () => {
  it('tells how it is read: port, name on the network, what is not sent', async () => {
    const {about} = await diagnose(['https://b\u00FCcher.example/a#top'], here())
    expect(about('address')).toEqual([
      'https://xn--bcher-kva.example/a#top: https, host xn--bcher-kva.example, port 443',
      'xn--bcher-kva.example is how b\u00FCcher.example is written on the network',
      'what follows # is not sent'
    ])
  })

  it('warns of a password in it, and does not repeat that', async () => {
    const {about, text} = await diagnose([`http://joe:${addressSecret}@a.example/`], here())
    expect(about('address', 'warning')).toHaveLength(1)
    expect(about('credentials')[0]).toMatch(/joe of the address/)
    expect(text).not.toContain('canary-address')
  })

  it('that cannot be read ends with 3, a foreign scheme with 1; the others are examined all the same', async () => {
    const bad = await diagnose(['http://a b/', 'http://fine.example/'], here())
    expect(bad.code).toBe(3)
    expect(bad.about('address')[0]).toContain('fine.example')
    expect(await diagnose(['ftp://a.example/'], here())).toMatchObject({code: 1})
  })

  it('is asked over https where its host has insisted on it', async () => {
    await using secure = await startOrigin({tls: 'wrongName'})
    secure.on('*', respond(200, {'Strict-Transport-Security': 'max-age=3600'}, 'x'))
    const [name, flags] = ['elsewhere.invalid', ['--cacert', certificates.authorityPath]]
    const url = `https://${name}:${secure.port}/`
    const resolve = `${name}:${secure.port}:127.0.0.1`
    const run = await runFerry(['get', ...flags, '--resolve', resolve, '-o', 'x', url], here())
    expect(run.code).toBe(0)
    const {about} = await diagnose([url.replace('https:', 'http:')], here())
    expect(about('address')).toContain('asked over https: elsewhere.invalid has insisted on it (HSTS)')
    expect(about('trust')).not.toEqual([])
    expect(about('stores').join()).toContain('1 host that insists on TLS')
  })
})

describe('doctor on proxies', () => {
  const proxy = `http://joe:${proxySecret}@127.0.0.1:3128`

  it.each<[string, string, Readonly<Record<string, string>>, readonly string[], RegExp]>([
    ['none', 'https://a.example/', {}, [], /^none: the server is asked directly$/],
    [
      'a variable',
      'https://a.example/',
      {https_proxy: proxy},
      [],
      /^http proxy 127\.0\.0\.1:3128, as joe: it connects us.*\(https_proxy\)$/
    ],
    [
      'a variable for all',
      'http://a.example/',
      {ALL_PROXY: proxy},
      [],
      /asked for the whole address \(ALL_PROXY\)$/
    ],
    [
      'an exception',
      'http://b.a.example/',
      {http_proxy: proxy, NO_PROXY: 'x, .a.example'},
      [],
      /^none: b\.a\.example is excepted by "\.a\.example" \(NO_PROXY\)$/
    ],
    [
      'a flag',
      'http://a.example/',
      {},
      ['-x', 'socks5://127.0.0.1:1080'],
      /^socks5 proxy 127\.0\.0\.1:1080, without a credential: .*\(-x or proxy\.url\)$/
    ],
    [
      'a flag against the variable',
      'http://a.example/',
      {http_proxy: proxy},
      ['-x', ''],
      /^none: the configuration says so$/
    ]
  ])('knows %s, and who said so', async (_what, url, env, flags, expected) => {
    const {about, text} = await diagnose([...flags, url], here(env))
    expect(about('proxy')).toEqual([expect.stringMatching(expected)])
    expect(text).not.toContain('canary-')
  })

  it('ends as the transfer would where the address of the proxy makes no sense', async () => {
    const options = here({http_proxy: 'gopher://127.0.0.1'})
    const {code, about} = await diagnose([origin.url('/F')], options)
    expect(code).toBe((await runFerry(['get', origin.url('/F')], options)).code)
    expect(about('session', 'problem')[0]).toContain('http_proxy')
  })
})

describe('doctor on TLS', () => {
  const url = 'https://a.example/'

  it('counts whom it trusts: a file of one’s own instead of the known ones', async () => {
    const usual = await diagnose([url], here())
    expect(usual.about('trust')[0]).toMatch(/^trusted: \d{2,} authorities known to Node/)
    const own = await diagnose(['--cacert', certificates.authorityPath, url], here())
    expect(own.about('trust')[0]).toMatch(/^trusted: 1 authority of the configuration/)
  })

  it('ends with 77 when the file is not there', async () => {
    const {code, about} = await diagnose(['--cacert', 'nowhere.pem', url], here())
    expect(code).toBe(77)
    expect(about('trust', 'problem')).toHaveLength(1)
  })

  it('tells whose client certificate is shown and until when, and warns of an expired one', async () => {
    const {client, expired} = certificates
    const good = await diagnose(['--cert', client.certPath, '--key', client.keyPath, url], here())
    expect(good.code).toBe(0)
    expect(good.about('trust', 'ok').at(-1)).toMatch(
      /ferry test client, valid until .*; its key belongs to it/
    )
    const old = await diagnose(['--cert', expired.certPath, '--key', expired.keyPath, url], here())
    expect(old.code).toBe(0)
    expect(old.about('trust', 'warning')[0]).toContain('expired on')
  })

  it('ends with 58 when key and certificate do not belong together', async () => {
    const {client, good} = certificates
    const {code, about} = await diagnose(['--cert', client.certPath, '--key', good.keyPath, url], here())
    expect(code).toBe(58)
    expect(about('trust', 'problem')).toHaveLength(1)
  })

  it('tells versions, pins, and that -k protects nothing', async () => {
    const pin = `sha256//${Buffer.alloc(32, 1).toString('base64')}`
    const {code, about} = await diagnose(['-k', '--tlsv1.3', '--pinnedpubkey', pin, url], here())
    expect(code).toBe(0)
    expect(about('trust', 'warning')[0]).toMatch(/^-k: any certificate is accepted/)
    expect(about('trust', 'ok')).toEqual(
      expect.arrayContaining(['spoken: TLS 1.3 only', 'pinned: the server must have 1 key'])
    )
  })
})
