import {expect, it} from 'vitest'
import {environmentProxies} from '../../src/cli/proxy-environment.ts'
import {SessionConfiguration} from '../../src/engine/index.ts'
import type {ConfigurationChanges} from '../../src/engine/index.ts'
import {canary} from '../canary/canary.ts'

function proxies(environment: Record<string, string>, own: ConfigurationChanges['proxy'] = {}) {
  return environmentProxies(SessionConfiguration.default({proxy: own}).keys.proxy, environment)
}

it.each([
  [{}, {}],
  [{http_proxy: 'p:1'}, {http: 'p:1'}],
  [{HTTP_PROXY: 'p:1'}, {http: 'p:1'}],
  [{http_proxy: 'low:1', HTTP_PROXY: 'up:1'}, {http: 'low:1'}],
  [{https_proxy: 'low:1', HTTPS_PROXY: 'up:1'}, {https: 'low:1'}],
  [{http_proxy: '', HTTP_PROXY: 'up:1'}, {http: 'up:1'}],
  [{http_proxy: '', https_proxy: '', all_proxy: ''}, {}],
  [
    {ALL_PROXY: 'socks5://p:1', https_proxy: 'q:2'},
    {url: 'socks5://p:1', https: 'q:2'}
  ],
  [{NO_PROXY: 'a.test,b.test'}, {noProxy: ['a.test,b.test']}],
  [{no_proxy: 'a.test', NO_PROXY: 'b.test'}, {noProxy: ['a.test']}],
  // In a CGI program it is a header of whoever asks.
  [{HTTP_PROXY: 'evil:1', REQUEST_METHOD: 'GET'}, {}],
  [
    {http_proxy: 'p:1', HTTPS_PROXY: 'q:2', REQUEST_METHOD: 'GET'},
    {http: 'p:1', https: 'q:2'}
  ]
])('the environment %j names the proxies %j [P11]', (environment, expected) => {
  expect(proxies(environment)).toEqual(expected)
})

it.each([{url: 'http://own:1'}, {http: 'http://own:1'}, {https: 'http://own:1'}, {url: 'none'}])(
  'a session that has %j wants no proxy of the environment, only its exceptions [P11]',
  own => {
    expect(proxies({http_proxy: 'p:1', all_proxy: 'q:1', no_proxy: 'x'}, own)).toEqual({noProxy: ['x']})
  }
)

it('a session with exceptions of its own wants none of the environment', () => {
  expect(proxies({http_proxy: 'p:1', no_proxy: 'x'}, {noProxy: ['own']})).toEqual({http: 'p:1'})
  expect(proxies({http_proxy: 'p:1', no_proxy: 'x'}, {noProxy: ['']})).toEqual({http: 'p:1'})
})

it.each(['http_proxy', 'HTTPS_PROXY', 'all_proxy'])(
  '%s that cannot be read is named, and nothing of it is repeated',
  name => {
    const secret = canary('environment')
    const act = () => proxies({[name]: `socks4://bob:${secret}@p:1`})
    expect(act).toThrow(expect.objectContaining({code: 'USAGE', message: expect.stringContaining(name)}))
    expect(act).not.toThrow(secret)
  }
)
