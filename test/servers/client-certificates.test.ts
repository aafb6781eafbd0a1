import {afterAll, beforeAll, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {certificates} from '../origin/certificates.ts'
import {startNginx} from './nginx.ts'
import type {Nginx} from './nginx.ts'

let nginx: Nginx
const {certPath, keyPath} = certificates.client

beforeAll(async () => {
  nginx = await startNginx({
    locations: `
      ssl_client_certificate ${certificates.authorityPath};
      ssl_verify_client optional;
      location /members { if ($ssl_client_verify != SUCCESS) { return 403; } return 200 "$ssl_client_s_dn"; }`
  })
})

afterAll(() => nginx.close())

const ask = ['get', '-o', '-', '--retry', '0', '--cacert', certificates.authorityPath]

it.each([
  ['PEM', ['-E', certPath, '--key', keyPath]],
  ['PKCS#12', ['-E', `${certPath.replace(/pem$/, 'p12')}:env:PASS`]],
  ['PEM, over TLS 1.2', ['-E', certPath, '--key', keyPath, '--tls-max', '1.2']]
])('nginx lets a client certificate in: %s', async (_form, words) => {
  const run = await runFerry([...ask, ...words, nginx.tlsUrl('/members')], {env: {PASS: 'open sesame'}})
  expect(run, run.stderr).toMatchObject({code: 0, stdout: 'CN=ferry test client'})
})

it('nginx lets nobody in without one', async () => {
  const run = await runFerry([...ask, nginx.tlsUrl('/members')])
  expect(run).toMatchObject({code: 22, stdout: ''})
})

it('nginx that wants one answers without one instead of breaking off, and no hook is asked', async () => {
  const strict = await startNginx({
    locations: `
      ssl_client_certificate ${certificates.authorityPath};
      ssl_verify_client on;`
  })
  try {
    const run = await runFerry([...ask, '--on-challenge', 'false', strict.tlsUrl('/')])
    expect(run, run.stderr).toMatchObject({code: 22, stdout: ''})
    expect(run.stderr).toContain('400')
  } finally {
    await strict.close()
  }
})
