import {describe, expect, it, onTestFinished} from 'vitest'
import type {
  ConfigurationChanges,
  HeaderField,
  TaskOutcome,
  UploadOptions
} from '../../../src/engine/index.ts'
import {canary, entrust} from '../../canary/canary.ts'
import {redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {openWalkStage} from './walk-stage.ts'
import type {WalkStage} from './walk-stage.ts'

/** The user's server redirects to a stranger, who names a place at the user's server. */
interface Scene {
  readonly stage: WalkStage
  readonly stranger: Origin
  readonly victim: string
  readonly token: string
}

async function openScene(
  resumable: 'ietf' | 'tus' | 'none',
  changes: ConfigurationChanges = {}
): Promise<Scene> {
  const configuration = {uploads: {resumable}, retry: {attempts: 2}, ...changes}
  const stage = await openWalkStage({configuration})
  const stranger = await startOrigin()
  onTestFinished(() => stranger.close())
  stage.origin.on('/U', redirect(307, stranger.url('/lure')))
  stage.origin.on('*', respond(204, {'upload-offset': '0'}))
  return {stage, stranger, victim: stage.origin.url('/victim'), token: canary('token', stage.origin)}
}

function send({stage, token}: Scene, options: Partial<UploadOptions> = {}): Promise<TaskOutcome> {
  return stage.upload({
    headers: [['X-Token', token]],
    authentication: {methods: 'preemptive', credential: {kind: 'bearer', token}},
    ...options
  })
}

describe('a place at the own server that a stranger leads back to', () => {
  it('gets no signature, as it gets no credentials [CVE 34]', async () => {
    const scene = await openScene('none')
    scene.stranger.on('/lure', redirect(307, scene.victim))
    const mark: HeaderField = ['X-Signature', 'made']
    const outcome = await send(scene, {
      sign: request => Promise.resolve({...request, headers: [...request.headers, mark]})
    })
    expect(outcome).toMatchObject({state: 'completed'})
    const [first, last] = scene.stage.origin.requests
    expect(first?.header('x-signature')).toBe('made')
    expect(last?.path).toBe('/victim')
    for (const name of ['x-signature', 'x-token', 'authorization']) expect(last?.header(name)).toBeUndefined()
  })

  it('is no upload resource, whoever asks in the words of the draft [CVE 34]', async () => {
    const scene = await openScene('ietf')
    scene.stranger.on(
      '/lure',
      async (_request, reply) => {
        await reply.informational(104, {'upload-draft-interop-version': '8', location: scene.victim})
        await reply.reset()
      },
      'head'
    )
    expect(await send(scene)).toMatchObject({state: 'failed'})
    expect(scene.stranger.requests).toHaveLength(3)
    expect(scene.stage.origin.requestsOf('/victim')).toEqual([])
  })

  it('is no upload resource in the words of tus [CVE 34]', async () => {
    const scene = await openScene('tus')
    scene.stranger.on('/lure', respond(201, {'tus-resumable': '1.0.0', location: scene.victim}))
    expect(await send(scene)).toMatchObject({state: 'failed', error: {code: 'REFUSED'}})
    expect(scene.stage.origin.requestsOf('/victim')).toEqual([])
  })

  it('is one like any other where redirections are trusted', async () => {
    const scene = await openScene('tus', {redirects: {trusted: true}})
    entrust(scene.token, scene.stranger)
    scene.stranger.on('/lure', respond(201, {'tus-resumable': '1.0.0', location: scene.victim}))
    expect(await send(scene)).toMatchObject({state: 'failed'})
    expect(scene.stage.origin.requestsOf('/victim')[0]?.header('x-token')).toBe(scene.token)
  })
})
