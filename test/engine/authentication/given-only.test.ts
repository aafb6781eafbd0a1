import {describe, expect, it} from 'vitest'
import {canary} from '../../canary/canary.ts'
import {certificates} from '../../origin/certificates.ts'
import {echo, redirect} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {first, openStage} from '../download/stage.ts'
import type {DownloadScene} from '../download/stage.ts'
import {visitor} from './visitor.ts'

describe('a task whose address a stranger chose', () => {
  it('sends no cookie of the session, only those that it was given; any other task sends them', async () => {
    const stage = await openStage()
    const [kept, given] = [canary('cookie', stage.origin), canary('given', stage.origin)]
    stage.origin.serve('/F', {...first, headers: {'set-cookie': `id=${kept}; Max-Age=600`}})
    const ask = (scene: DownloadScene): Promise<unknown> => stage.download({...scene, ifExists: 'replace'})
    await ask({})
    await ask({credentials: 'given'})
    await ask({credentials: 'given', headers: [['Cookie', `own=${given}`]]})
    await ask({})
    expect(stage.origin.requests.map(request => request.header('cookie'))).toEqual([
      undefined,
      undefined,
      `own=${given}`,
      `id=${kept}`
    ])
  })

  it('shows no client certificate of the session; any other task shows it', async () => {
    await using origin = await startOrigin({tls: 'good', clientCertificate: 'requested'})
    origin.on('/', echo)
    const {cert, key} = certificates.client
    const {get} = visitor({tls: {ca: certificates.authority, cert, key}})
    await get(origin.url('/'))
    await get(origin.url('/'), {credentials: 'given'})
    const shown = origin.requests.map(({handshake}) => handshake?.clientName !== undefined)
    expect(shown).toEqual([true, false])
  })

  it('shows the client certificate that it brings itself, to that address and to none that it is led to', async () => {
    await using stranger = await startOrigin({tls: 'good', clientCertificate: 'requested'})
    await using origin = await startOrigin({tls: 'good', clientCertificate: 'requested'})
    origin.on('/', redirect(302, stranger.url('/')))
    stranger.on('/', echo)
    const {cert, key} = certificates.client
    const own = {cert: certificates.good.cert, key: certificates.good.key}
    for (const tls of [{}, own]) {
      const certificate = {kind: 'certificate', cert, key} as const
      await visitor({tls}).get(origin.url('/'), {credentials: 'given', certificate})
    }
    const clientNames = ({requests}: Origin): unknown[] =>
      requests.map(({handshake}) => handshake?.clientName)
    expect(clientNames(origin)).toEqual(['ferry test client', 'ferry test client'])
    expect(clientNames(stranger)).toEqual([undefined, undefined])
  })

  it('is the only one whose certificate comes before that of the session [R33]', async () => {
    await using origin = await startOrigin({tls: 'good', clientCertificate: 'requested'})
    origin.on('/', echo)
    const {cert, key} = certificates.client
    const certificate = {kind: 'certificate', ...certificates.good} as const
    await visitor({tls: {cert, key}}).get(origin.url('/'), {certificate})
    await visitor().get(origin.url('/'), {certificate: {kind: 'certificate', cert, key}})
    expect(origin.requests.map(({handshake}) => handshake?.clientName)).toEqual([
      'ferry test client',
      'ferry test client'
    ])
  })
})
