import {readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import type {Identity} from '../origin/certificates.ts'
import {certificates} from '../origin/certificates.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

// Too long for any name service: the resolver refuses it without asking one.
const impossibleName = `${'a'.repeat(64)}.localhost`

describe('a host that cannot be reached', () => {
  it('ends with 6 HOST_NOT_RESOLVED when the name means no address', async () => {
    const cwd = scratchFolder()
    const url = `http://${impossibleName}/F`
    const run = await runFerry(['get', '--retry', '0', url], {cwd})
    expect(run).toMatchObject({code: 6, stdout: ''})
    expect(explanation(run)).toMatchObject({failed: `GET ${url}`, code: 'HOST_NOT_RESOLVED'})
    expect(readdirSync(cwd)).toEqual([])
  })

  it('ends with 7 CONNECT_FAILED when nobody listens, and says where', async () => {
    const origin = await startOrigin()
    const [url, port] = [origin.url('/F'), origin.port]
    await origin.close()
    const cwd = scratchFolder()
    const run = await runFerry(['get', '--retry', '0', url], {cwd})
    expect(run).toMatchObject({code: 7, stdout: ''})
    const told = explanation(run)
    expect(told).toMatchObject({failed: `GET ${url}`, code: 'CONNECT_FAILED'})
    expect(told.why).toContain(`port ${port}`)
    expect(readdirSync(cwd)).toEqual([])
  })

  it('ends with 28 TIMED_OUT when the handshake gets no answer', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.welcome = 'stall'
    const run = await runFerry(['get', '--retry', '0', '--connect-timeout', '0.2', origin.url('/F')])
    expect(run).toMatchObject({code: 28})
    expect(explanation(run).code).toBe('TIMED_OUT')
  })
})

describe('a TLS connection', () => {
  it('is made when the authority is named with --cacert', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.serve('/F', {body: 'whole'})
    const args = ['get', '-o', '-', '--cacert', certificates.authorityPath, origin.url('/F')]
    expect(await runFerry(args)).toMatchObject({code: 0, stdout: 'whole'})
  })

  it.each<[Identity, string]>([
    ['expired', 'has expired'],
    ['wrongName', 'is for another name'],
    ['unknownAuthority', 'is signed by nobody we know']
  ])(
    'ends with 60 CERTIFICATE_REFUSED, and nothing is asked for, when the certificate %s: it %s',
    async identity => {
      await using origin = await startOrigin({tls: identity})
      origin.serve('/F', {body: 'whole'})
      const cwd = scratchFolder()
      const url = origin.url('/F')
      const run = await runFerry(['get', '--cacert', certificates.authorityPath, url], {cwd})
      expect(run).toMatchObject({code: 60, stdout: ''})
      expect(explanation(run)).toMatchObject({failed: `GET ${url}`, code: 'CERTIFICATE_REFUSED'})
      expect(origin.requests).toHaveLength(0)
      expect(readdirSync(cwd)).toEqual([])
    }
  )

  it('is made to anybody with -k, which is loud about it', async () => {
    await using origin = await startOrigin({tls: 'expired'})
    origin.serve('/F', {body: 'whole'})
    const run = await runFerry(['get', '-o', '-', '-k', origin.url('/F')])
    expect(run).toMatchObject({code: 0, stdout: 'whole'})
    expect(run.stderr).toContain('warning: -k')
  })

  it('ends with 35 TLS_HANDSHAKE when the port does not speak TLS', async () => {
    await using origin = await startOrigin()
    origin.welcome = 'close'
    const run = await runFerry(['get', '--retry', '0', origin.url('/F').replace('http:', 'https:')])
    expect(run, run.stderr).toMatchObject({code: 35})
    expect(explanation(run).code).toBe('TLS_HANDSHAKE')
  })

  it.each([
    ['is not there', undefined],
    ['holds no certificate', 'not a certificate\n']
  ])('ends with 77 CA_FILE before anything is sent when the file of --cacert %s', async (_what, content) => {
    await using origin = await startOrigin({tls: 'good'})
    const cwd = scratchFolder()
    if (content !== undefined) writeFileSync(join(cwd, 'ca.pem'), content)
    const run = await runFerry(['get', '--cacert', 'ca.pem', origin.url('/F')], {cwd})
    expect(run).toMatchObject({code: 77, stdout: ''})
    expect(explanation(run)).toMatchObject({code: 'CA_FILE'})
    expect(run.stderr).toContain('ca.pem')
    expect(origin.connections).toBe(0)
  })
})
