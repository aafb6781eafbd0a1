import {expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {startProxy} from '../engine/exchange/scripted-proxy.ts'
import {certificates} from '../origin/certificates.ts'
import {startOrigin} from '../origin/origin.ts'

it.each([
  ['directly', false, []],
  ['over HTTP/2', false, ['--http2']],
  ['through an http proxy', {}, []],
  ['through an https proxy of the same authority', {tls: 'good'}, []]
] as const)('an authority that only the system knows is trusted %s', async (_way, options, words) => {
  await using origin = await startOrigin({tls: 'good'})
  origin.serve('/F', {body: 'whole'})
  const proxy = options && (await startProxy(options))
  const way = proxy ? ['-x', proxy.url] : []
  const ask = ['get', '-o', '-', '--retry', '0', ...words, ...way, origin.url('/F')]
  // Where OpenSSL looks for the authorities of the system.
  const env = {SSL_CERT_FILE: certificates.authorityPath}
  expect(await runFerry(ask, {env})).toMatchObject({code: 0, stdout: 'whole'})
  expect(await runFerry(ask)).toMatchObject({code: 60, stdout: ''})
})
