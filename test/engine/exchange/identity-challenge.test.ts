import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {createServer} from 'node:net'
import type {AddressInfo} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import type {
  AuthenticationChallenge,
  CertificateCredential,
  ChallengeDecision,
  SessionDelegate
} from '../../../src/engine/index.ts'
import {certificates} from '../../origin/certificates.ts'
import {redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {patience} from '../../scratch/patience.ts'
import {visitor} from '../authentication/visitor.ts'
import {startProxy} from './scripted-proxy.ts'
import {canary} from '../../canary/canary.ts'

const identitySecret = canary('identity')
const wrongSecret = canary('wrong')

const {cert, key, certPath} = certificates.client
const pkcs12 = readFileSync(certPath.replace(/pem$/, 'p12')).toString('base64')
const versions = ['TLSv1.2', 'TLSv1.3'] as const

const use = (credential: CertificateCredential): ChallengeDecision => ({
  disposition: 'useCredential',
  credential
})
const member = use({kind: 'certificate', cert, key})

async function demandingOrigin(): Promise<Origin> {
  const origin = await startOrigin({tls: 'good', clientCertificate: 'demanded'})
  origin.on('/', respond(200, {}, 'for members'))
  return origin
}

/** Breaks off every handshake with this alert (RFC 8446, 6); the address of its root. */
async function startAlertingServer(alert: number): Promise<{url: string; connections: () => number}> {
  let count = 0
  const server = createServer(socket => {
    count += 1
    socket.on('error', () => {})
    socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, alert])))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return {url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, connections: () => count}
}

interface Deciding {
  readonly asked: AuthenticationChallenge[]
  readonly decided: string[]
  readonly delegate: SessionDelegate
}

function deciding(decide: ChallengeDecision | (() => Promise<ChallengeDecision>)): Deciding {
  const asked: AuthenticationChallenge[] = []
  const decided: string[] = []
  return {
    asked,
    decided,
    delegate: {
      didReceiveSessionChallenge: (_task, challenge) => {
        asked.push(challenge)
        return typeof decide === 'function' ? decide() : decide
      },
      didReceiveChallenge: () => {
        throw new Error('not the session')
      },
      didDecideChallenge: (_task, {disposition}) => void decided.push(disposition)
    }
  }
}

const clientNames = ({requests}: Origin): (string | undefined)[] =>
  requests.map(({handshake}) => handshake?.clientName)

describe('a server that wants a client certificate', () => {
  describe.each(versions)('over %s', version => {
    const tls = {min: version, max: version}

    it.each([false, true])(
      'is a challenge of the session, which a certificate answers; HTTP/2: %s [R33]',
      async http2 => {
        await using origin = await demandingOrigin()
        const {asked, decided, delegate} = deciding(member)
        const {outcome, body} = await visitor({tls, network: {http2}}, delegate).get(origin.url('/'))
        expect(outcome.error).toBeUndefined()
        expect(body).toBe('for members')
        expect(clientNames(origin)).toEqual(['ferry test client'])
        expect(decided).toEqual(['useCredential'])
        const space = {method: 'ClientCertificate', protocol: 'https', host: '127.0.0.1', port: origin.port}
        expect(asked).toMatchObject([
          {
            scope: 'session',
            protectionSpace: {...space, realm: undefined, isProxy: false},
            previousFailureCount: 0,
            error: {code: version === 'TLSv1.3' ? 'CLIENT_CERTIFICATE' : 'TLS_HANDSHAKE'}
          }
        ])
      }
    )

    it.each(['performDefaultHandling', 'rejectProtectionSpace'] as const)(
      'fails as ever when the delegate says %s [R33]',
      async disposition => {
        await using origin = await demandingOrigin()
        const {decided, delegate} = deciding({disposition})
        const {outcome} = await visitor({tls}, delegate).get(origin.url('/'))
        expect(outcome.error?.code).toBe(version === 'TLSv1.3' ? 'CLIENT_CERTIFICATE' : 'TLS_HANDSHAKE')
        expect(outcome.error?.hint).toContain('--cert')
        expect(decided).toEqual([disposition])
        expect(origin.connections).toBe(1)
      }
    )

    it('is answered through a proxy as well, which sees none of it [R33]', async () => {
      await using origin = await demandingOrigin()
      const proxy = await startProxy()
      const {asked, delegate} = deciding(member)
      const {body} = await visitor({tls, proxy: {url: proxy.url}}, delegate).get(origin.url('/'))
      expect(body).toBe('for members')
      expect(asked).toHaveLength(1)
    })
  })

  it.each<[string, CertificateCredential]>([
    ['with its key in the same text', {kind: 'certificate', cert: cert + key}],
    ['as PKCS#12 with its passphrase', {kind: 'certificate', pkcs12, passphrase: 'open sesame'}]
  ])('takes a certificate %s [R33]', async (_form, credential) => {
    await using origin = await demandingOrigin()
    const {body} = await visitor({}, deciding(use(credential)).delegate).get(origin.url('/'))
    expect(body).toBe('for members')
  })

  it('gets a certificate in the place of that of the session, and nothing of that beside it [R33]', async () => {
    const {url, connections} = await startAlertingServer(42)
    const {asked, delegate} = deciding(use({kind: 'certificate', cert}))
    const {outcome} = await visitor({tls: {cert, key}}, delegate).get(url)
    // The key of the session's certificate would have fitted.
    expect(outcome.error).toMatchObject({code: 'CLIENT_CERTIFICATE', message: /cannot be used/})
    expect(asked).toMatchObject([{previousFailureCount: 1}])
    expect(connections()).toBe(1)
  })

  it('ends the task when it is to be cancelled, and asks the task where the session has no method [R33]', async () => {
    await using origin = await demandingOrigin()
    const {outcome} = await visitor({}, deciding({disposition: 'cancel'}).delegate).get(origin.url('/'))
    expect(outcome.state).toBe('cancelled')
    const {body} = await visitor({}, {didReceiveChallenge: () => member}).get(origin.url('/'))
    expect(body).toBe('for members')
  })

  it('is not answered by another kind of credential [R33]', async () => {
    await using origin = await demandingOrigin()
    const word = {kind: 'password', user: 'ana', password: identitySecret} as const
    const {delegate} = deciding({disposition: 'useCredential', credential: word})
    expect((await visitor({}, delegate).get(origin.url('/'))).outcome.error?.code).toBe('CLIENT_CERTIFICATE')
    expect(origin.connections).toBe(1)
  })

  it.each([
    ['bad_certificate', 42],
    ['certificate_revoked', 44],
    ['certificate_expired', 45],
    ['unknown_ca', 48],
    ['certificate_required', 116]
  ])('and likes none (%s) is asked about three times at most [R33]', async (_name, alert) => {
    const {url, connections} = await startAlertingServer(alert)
    const {asked, delegate} = deciding(member)
    const {outcome} = await visitor({}, delegate).get(url)
    expect(outcome.error?.code).toBe('CLIENT_CERTIFICATE')
    expect(asked.map(({previousFailureCount}) => previousFailureCount)).toEqual([0, 1, 2])
    expect(connections()).toBe(4)
  })

  it.each([
    ['handshake_failure before a version was agreed on', 40],
    ['protocol_version', 70],
    ['unrecognized_name', 112]
  ])('is not one that breaks off for another reason: %s', async (_name, alert) => {
    const {url} = await startAlertingServer(alert)
    const {asked, delegate} = deciding(member)
    expect((await visitor({}, delegate).get(url)).outcome.error?.code).toBe('TLS_HANDSHAKE')
    expect(asked).toEqual([])
  })

  it('leaves the delegate all the time it needs [R33]', async () => {
    await using origin = await demandingOrigin()
    const {delegate} = deciding(async () => {
      await sleep(400)
      return member
    })
    const {outcome} = await visitor({timeouts: {idle: 0.1, connect: 5}}, delegate).get(origin.url('/'))
    expect(outcome.error).toBeUndefined()
  })
})

describe('the certificate of a challenge', () => {
  it('is for the task that was asked, on connections of its own [CVE 60]', async () => {
    await using origin = await startOrigin({tls: 'good', clientCertificate: 'demanded'})
    origin.script('/', [respond(200, {}, 'one'), respond(200, {}, 'two')])
    let count = 0
    const {get} = visitor(
      {maxConnectionsPerHost: 1},
      {
        didReceiveSessionChallenge: () =>
          (count += 1) === 1 ? member : {disposition: 'performDefaultHandling'}
      }
    )
    expect((await get(origin.url('/'))).body).toBe('one')
    expect((await get(origin.url('/'))).outcome.error?.code).toBe('CLIENT_CERTIFICATE')
    expect(count).toBe(2)
    await vi.waitFor(() => expect(origin.openConnections).toBe(0), patience)
  })

  it('is shown to its origin again after a redirection, and to no other [CVE 60]', async () => {
    await using stranger = await startOrigin({tls: 'good', clientCertificate: 'requested'})
    await using origin = await demandingOrigin()
    stranger.on('/', redirect(302, origin.url('/')))
    origin.on('/away', redirect(302, stranger.url('/')))
    const {asked, delegate} = deciding(member)
    const {body} = await visitor({}, delegate).get(origin.url('/away'))
    expect(body).toBe('for members')
    expect(asked).toHaveLength(1)
    expect(clientNames(origin)).toEqual(['ferry test client', 'ferry test client'])
    expect(clientNames(stranger)).toEqual([undefined])
  })

  it('that cannot be used ends the task, and nobody is asked once more', async () => {
    await using origin = await demandingOrigin()
    const {asked, delegate} = deciding(use({kind: 'certificate', pkcs12, passphrase: wrongSecret}))
    const {outcome} = await visitor({}, delegate).get(origin.url('/'))
    expect(outcome.error).toMatchObject({code: 'CLIENT_CERTIFICATE', message: /passphrase/})
    expect(asked).toHaveLength(1)
    expect(origin.connections).toBe(1)
  })
})
