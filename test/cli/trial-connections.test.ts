import {createServer} from 'node:net'
import type {AddressInfo} from 'node:net'
import {once} from 'node:events'
import {describe, expect, it, onTestFinished} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {startOrigin} from '../origin/origin.ts'
import {certificates} from '../origin/certificates.ts'
import {explanation} from './said.ts'

describe('A certificate that is not trusted', () => {
  it.each([
    ['expired', /renew it.*clock/],
    ['wrongName', /check the spelling of the host/],
    ['unknownAuthority', /--cacert FILE/]
  ] as const)('is advised about by what is wrong with it: %s', async (identity, advice) => {
    await using origin = await startOrigin({tls: identity})
    const failed = await runFerry([
      'get',
      '--retry',
      '0',
      '--cacert',
      certificates.authorityPath,
      origin.url('/F')
    ])
    expect(failed.code).toBe(60)
    expect(explanation(failed).next).toMatch(advice)
  })
})

describe('A proxy', () => {
  async function silent(): Promise<string> {
    const server = createServer(() => {})
    onTestFinished(() => void server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('that forwards and asks for a login is not called the server', async () => {
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.end(
        'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="p"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
      )
    })
    onTestFinished(() => void server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const proxy = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const failed = await runFerry(['get', '--retry', '0', '-x', proxy, 'http://127.0.0.1:1/F'])
    expect(failed.code).toBe(22)
    expect(explanation(failed)).toMatchObject({
      why: 'The proxy answered 407 Who?',
      next: expect.stringContaining('--proxy-user')
    })
  })

  it('that refuses the connection is advised about as a proxy, with where it may be named', async () => {
    const failed = await runFerry(['get', '--retry', '0', '-x', '127.0.0.1:1', 'http://127.0.0.1:1/F'])
    expect(failed.code).toBe(7)
    expect(explanation(failed).next).toMatch(/Check the proxy.*-x ""/)
  })

  it('that says nothing over TLS may not speak it, and no version of TLS is advised', async () => {
    const words = ['--retry', '0', '--connect-timeout', '0.5', '-x', `https://${await silent()}`]
    const failed = await runFerry(['get', ...words, 'http://127.0.0.1:1/F'])
    expect(failed.code).toBe(28)
    expect(explanation(failed).next).toContain('http://HOST:PORT')
  })
})
