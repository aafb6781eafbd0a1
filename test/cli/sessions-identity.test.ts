import {writeFileSync} from 'node:fs'
import {beforeEach, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {certificates} from '../origin/certificates.ts'
import type {Handler} from '../origin/connection.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {Crossing} from './crossing.ts'
import {explanation} from './said.ts'

let user: Crossing
beforeEach(() => {
  user = new Crossing()
})

async function ferry(...words: readonly string[]): Promise<string> {
  const {code, stderr} = await user.run(words)
  expect(code, stderr).toBe(0)
  return stderr
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** Wants this Authorization. */
function guarded(wanted: string): Handler {
  return async (request, reply) => {
    if (request.headers.get('authorization') === wanted) await reply.respond(200, {}, 'content')
    else await reply.respond(401, {'www-authenticate': 'Basic realm="files"'}, 'who?')
  }
}

async function tlsOrigin(): Promise<Origin> {
  const origin = await startOrigin({tls: 'good', clientCertificate: 'requested'})
  origin.serve('/F', {body: 'content', entityTag: '"v1"'})
  return origin
}

describe('The certificates of a session', () => {
  it('are files that are read when it is used, in whatever folder that is', async () => {
    const origin = await tlsOrigin()
    writeFileSync(user.path('ca.pem'), certificates.authority)
    await ferry('sessions', 'create', 'ci', '--cacert', 'ca.pem')
    const elsewhere = {cwd: user.home}
    expect(
      await user.run(['get', '-o', user.path('F'), '--session', 'ci', origin.url('/F')], elsewhere)
    ).toMatchObject({
      code: 0
    })
    writeFileSync(user.path('ca.pem'), 'no longer a certificate')
    const refused = await user.run(['get', '-o', 'F', '--session', 'ci', origin.url('/F')])
    expect(refused.code).toBe(77)
    expect(explanation(refused).why).toContain(user.path('ca.pem'))
    await origin.close()
  })

  it('win over --cert, with a warning; without one of its own --cert is used [R33]', async () => {
    const origin = await tlsOrigin()
    const {client, good} = certificates
    const trusting = ['--cacert', certificates.authorityPath]
    await ferry('sessions', 'create', 'own', ...trusting, '--cert', client.certPath, '--key', client.keyPath)
    await ferry('sessions', 'create', 'none', ...trusting)
    const asked = ['--cert', good.certPath, '--key', good.keyPath, '--if-exists', 'replace', origin.url('/F')]
    const said = await ferry('get', '--session', 'own', ...asked)
    expect(origin.requests.at(-1)?.handshake?.clientName).toBe('ferry test client')
    expect(said).toContain('warning: --cert is not used: the session own has a client certificate of its own')
    expect(await ferry('get', '--session', 'none', ...asked)).not.toContain('warning')
    expect(origin.requests.at(-1)?.handshake?.clientName).toBe('localhost')
    await origin.close()
  })

  it('of one host win over --cert there, and are shown nowhere else', async () => {
    const origin = await tlsOrigin()
    const {client, good} = certificates
    await ferry('sessions', 'create', 'ci', '--cacert', certificates.authorityPath)
    const rule = `hosts.127.0.0.1:${origin.port}.tls`
    await ferry('sessions', 'set', 'ci', `${rule}.cert=${client.certPath}`, `${rule}.key=${client.keyPath}`)
    const given = ['--cert', good.certPath, '--key', good.keyPath]
    await ferry('get', '--session', 'ci', ...given, origin.url('/F'))
    expect(origin.requests.at(-1)?.handshake?.clientName).toBe('ferry test client')
    await ferry('get', '--session', 'ci', '-o', 'G', origin.url('/F', 'localhost'))
    expect(origin.requests.at(-1)?.handshake?.clientName).toBeUndefined()
    await origin.close()
  })

  it('are never left unchecked by a session: -k is for one run [P14]', async () => {
    const refused = await user.run(['sessions', 'create', 'ci', '-k'])
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toContain('never stored')
    await ferry('sessions', 'create', 'ci')
    const origin = await tlsOrigin()
    expect((await user.run(['get', '-k', '--session', 'ci', origin.url('/F')])).code).toBe(0)
    expect((await user.run(['get', '-o', 'G', '--session', 'ci', origin.url('/F')])).code).toBe(60)
    await origin.close()
  })
})

describe('The credentials of a session', () => {
  it('answer the challenge of a server, name and password from one reference or from two', async () => {
    const origin = await startOrigin()
    const password = canary('basic', origin)
    origin.on('/F', guarded(basic('ana', password)))
    await ferry('sessions', 'create', 'one', '-u', 'env:PAIR')
    await ferry('sessions', 'create', 'two', '-u', 'ana')
    await ferry('sessions', 'set', 'two', 'credentials.password=env:ANAS_PASSWORD')
    const env = {FERRY_HOME: user.home, PAIR: `ana:${password}`, ANAS_PASSWORD: password}
    for (const name of ['one', 'two']) {
      const run = await user.run(['get', '-o', name, '--session', name, origin.url('/F')], {env})
      expect(run.code, run.stderr).toBe(0)
    }
    await origin.close()
  })

  it('are asked for where only the name is kept, and refused without a terminal to ask on', async () => {
    await ferry('sessions', 'create', 'ci', '-u', 'ana')
    const refused = await user.run(['get', '--session', 'ci', 'http://127.0.0.1:1/F'])
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toContain('credentials.password of the session ci')
  })

  it('of one host are not for another', async () => {
    const [origin, other] = [await startOrigin(), await startOrigin()]
    const token = canary('bearer', origin)
    for (const each of [origin, other]) each.serve('/F', {body: 'content', entityTag: '"v1"'})
    await ferry('sessions', 'create', 'ci')
    await ferry('sessions', 'set', 'ci', `hosts.127.0.0.1:${origin.port}.credentials.bearer=env:TOKEN`)
    const env = {FERRY_HOME: user.home, TOKEN: token}
    for (const [name, each] of Object.entries({own: origin, other})) {
      const run = await user.run(['get', '-o', name, '--session', 'ci', each.url('/F')], {env})
      expect(run.code, run.stderr).toBe(0)
    }
    expect(origin.requests.at(-1)?.headers.get('authorization')).toBe(`Bearer ${token}`)
    expect(other.requests.at(-1)?.headers.get('authorization')).toBeUndefined()
    await Promise.all([origin.close(), other.close()])
  })
})

describe('The proxy of a session', () => {
  it('wins over the environment and loses to -x, which takes its password to nobody else', async () => {
    const [own, environment, given] = [await startOrigin(), await startOrigin(), await startOrigin()]
    const proxies = [own, environment, given]
    const password = canary('proxy', own)
    for (const proxy of proxies) proxy.serve('/F', {body: 'content', entityTag: '"v1"'})
    await ferry('sessions', 'create', 'ci', '-x', `127.0.0.1:${own.port}`, '--proxy-user', 'env:PAIR')
    const env = {FERRY_HOME: user.home, PAIR: `ana:${password}`, http_proxy: environment.url('')}
    await user.run(['get', '--session', 'ci', 'http://files.test/F'], {env})
    await user.run(['get', '--session', 'ci', '-x', given.url(''), '-o', 'G', 'http://files.test/F'], {env})
    expect(proxies.map(({requests}) => requests.length > 0)).toEqual([true, false, true])
    expect(given.requests[0]?.headers.get('proxy-authorization')).toBeUndefined()
    await Promise.all(proxies.map(proxy => proxy.close()))
  })
})
