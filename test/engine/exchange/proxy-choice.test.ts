import {describe, expect, it} from 'vitest'
import {parseProxyAddress, SessionConfiguration} from '../../../src/engine/index.ts'
import type {ConfigurationKeys} from '../../../src/engine/index.ts'
import {chooseProxy} from '../../../src/engine/exchange/proxy/choose-proxy.ts'
import {canary} from '../../canary/canary.ts'

function wayTo(proxy: Partial<ConfigurationKeys['proxy']>, url: string): string {
  const {keys} = SessionConfiguration.default({proxy})
  const way = chooseProxy(keys.proxy, new URL(url))
  if (!way.proxy) return way.kind
  const {kind, host, port, user} = way.proxy
  return `${way.kind} ${kind} ${user === undefined ? '' : `${user}@`}${host}:${port}`
}

const http = 'http://a.test/'
const https = 'https://a.test/'

describe('the proxy for an address', () => {
  it.each([
    ['none is named', {}, http, 'direct'],
    ['one is named for all', {url: 'http://p:1'}, http, 'forward http p:1'],
    ['one is named for all', {url: 'http://p:1'}, https, 'tunnel http p:1'],
    ['it is an https proxy', {url: 'https://p'}, http, 'forward https p:443'],
    ['it is a SOCKS5 proxy', {url: 'socks5://p'}, http, 'tunnel socks5 p:1080'],
    ['it is a SOCKS5 proxy', {url: 'socks5h://p:9'}, https, 'tunnel socks5 p:9'],
    ['one is named for http', {http: 'http://h:1', url: 'http://p:2'}, http, 'forward http h:1'],
    ['one is named for http', {http: 'http://h:1', url: 'http://p:2'}, https, 'tunnel http p:2'],
    ['one is named for https', {https: 'http://s:1'}, https, 'tunnel http s:1'],
    ['one is named for https', {https: 'http://s:1'}, http, 'direct'],
    ['there is none for https', {https: 'none', url: 'http://p:2'}, https, 'direct'],
    ['none is wanted', {url: 'none'}, http, 'direct'],
    ['none is wanted', {url: ''}, https, 'direct'],
    ['the host is an exception', {url: 'http://p:1', noProxy: ['.test']}, http, 'direct'],
    ['the port is an exception', {url: 'http://p:1', noProxy: ['a.test:443']}, https, 'direct'],
    ['another port is an exception', {url: 'http://p:1', noProxy: ['a.test:443']}, http, 'forward http p:1'],
    ['its address has a name', {url: 'http://me:x@p:1', user: 'you'}, http, 'forward http me@p:1'],
    ['a name stands beside it', {url: 'http://p:1', user: 'you'}, http, 'forward http you@p:1']
  ] as const)('when %s: %j, %s -> %s [P11]', (_when, proxy, url, way) => {
    expect(wayTo(proxy, url)).toBe(way)
  })
})

describe('the address of a proxy', () => {
  it.each([
    ['proxy.test:3128', {kind: 'http', host: 'proxy.test', port: 3128}],
    ['HTTP://Proxy.TEST.:80/', {kind: 'http', host: 'proxy.test', port: 80}],
    ['https://[2001:db8::1]', {kind: 'https', host: '2001:db8::1', port: 443}],
    ['socks5://127.0.0.1:80', {kind: 'socks5', host: '127.0.0.1', port: 80}],
    ['http://b%40b:p%3Aw%2F@p:1', {kind: 'http', user: 'b@b', password: 'p:w/', host: 'p'}],
    ['http://bob@p:1', {user: 'bob', password: ''}],
    ['http://bob:80@p', {port: 80, user: 'bob', password: '80'}]
  ])('is read: %s', (text, address) => {
    expect(parseProxyAddress(text)).toMatchObject(address)
  })

  it.each([
    ['socks4://p:1', /SOCKS4/],
    ['socks4a://p:1', /SOCKS4/],
    ['ftp://p:1', /scheme/],
    ['http://', /read/],
    ['http://p:99999', /read/],
    ['http://p:0', /port 0/],
    ['http://p:1/path', /path/],
    ['http://p:1?q', /path/],
    ['p q:1', /read/],
    ['http://p\r\nX: 1', /read/]
  ])('is refused: %j', (text, why) => {
    const secret = canary('refused')
    const withSecret = text.replace(/\/\/(?=p)/, `//bob:${secret}@`)
    for (const each of [text, withSecret]) {
      expect(() => parseProxyAddress(each)).toThrow(
        expect.objectContaining({code: 'CONFIGURATION_REFUSED', message: expect.stringMatching(why)})
      )
      expect(() => parseProxyAddress(each)).not.toThrow(secret)
    }
  })
})
