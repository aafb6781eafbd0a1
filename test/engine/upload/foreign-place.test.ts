import {describe, expect, it, onTestFinished} from 'vitest'
import type {HeaderField, TaskOutcome, UploadOptions} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'
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
}

async function openScene(resumable: 'ietf' | 'tus' | 'none'): Promise<Scene> {
  const stage = await openWalkStage({configuration: {uploads: {resumable}, retry: {attempts: 2}}})
  const stranger = await startOrigin()
  onTestFinished(() => stranger.close())
  stage.origin.on('/U', redirect(307, stranger.url('/lure')))
  stage.origin.on('*', respond(204, {'upload-offset': '0'}))
  return {stage, stranger, victim: stage.origin.url('/victim')}
}

function send({stage}: Scene, options: Partial<UploadOptions> = {}): Promise<TaskOutcome> {
  const token = canary('token', stage.origin)
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
})
