import {setTimeout as sleep} from 'node:timers/promises'
import {beforeEach, describe, expect, it, vi} from 'vitest'
import {respond} from '../../origin/handlers.ts'
import {patience} from '../../scratch/patience.ts'
import {speak, speakTus} from './chosen-protocol.ts'
import {answered, complete, fails, gone, hangs, has, more, named} from './fake-protocol.ts'
import type {Turn} from './fake-protocol.ts'
import {interrupt} from './interrupt.ts'
import {openWalkStage} from './walk-stage.ts'
import type {WalkStage} from './walk-stage.ts'

vi.mock(
  '../../../src/engine/upload/protocols.ts',
  async () => (await import('./chosen-protocol.ts')).protocols
)

let stage: WalkStage

beforeEach(async () => {
  stage = await openWalkStage()
  stage.origin.on('/U', respond(201, {}, 'stored'))
})

describe('an upload that the server has forgotten', () => {
  it('is sent again from zero, and says so', async () => {
    await interrupt(stage)
    const protocol = speak(gone, named('/s', answered))
    const task = stage.start()
    expect(await task.outcome).toMatchObject({state: 'completed'})
    expect(protocol.calls).toEqual(['proceed from unknown', 'create'])
    expect(task).toMatchObject({restarted: true, resumedFrom: 0})
    expect(task.restartReason).toContain('does not know')
    expect(stage.resumptions).toMatchObject([{offset: 0}])
  })

  it.each([
    {case: '--no-restart', run: () => stage.upload({restarting: 'refuse'})},
    {case: 'resume', run: () => stage.resume()}
  ])('is not sent again with $case; the resume data stays', async ({run}) => {
    await interrupt(stage)
    speak(gone)
    expect(await run()).toMatchObject({
      state: 'failed',
      error: {code: 'NOT_RESUMABLE'},
      resumeData: stage.recordPath
    })
  })

  it('fails when it is forgotten twice in a row, and leaves nothing', async () => {
    const protocol = speak(named('/r'), gone, named('/s'), gone)
    expect(await stage.upload()).toMatchObject({state: 'failed', error: {code: 'NOT_RESUMABLE'}})
    expect(protocol.calls).toHaveLength(4)
    expect(stage.files).toEqual([])
  })

  it('tells progress that does not fall when it begins again [R44]', async () => {
    const waits =
      (then: Turn): Turn =>
      walk =>
        sleep(150).then(() => then(walk))
    speak(named('/r', has(400, waits(gone))), named('/s', has(10, waits(answered))))
    expect(await stage.upload()).toMatchObject({state: 'completed'})
    expect(stage.sent.map(({totalBytesSent}) => totalBytesSent)).toEqual([400, 1000])
  })

  it('is written down as it was until there is another one', async () => {
    speak(named('/r'), gone, hangs)
    const task = stage.start()
    await vi.waitFor(() => expect(task.restarted).toBe(true), patience)
    await sleep(1200)
    expect(stage.record.parts).toMatchObject([{url: stage.origin.url('/r')}])
    task.cancel()
    await task.outcome
  })

  it('may be forgotten again after the server had taken more', async () => {
    speak(named('/r'), gone, named('/s', has(10)), gone, named('/t', answered))
    expect(await stage.upload()).toMatchObject({state: 'completed'})
  })
})

describe('what a server says to an upload', () => {
  it('is the last word when it has the whole, even 403: nothing is kept and nothing tried again [U6]', async () => {
    stage = await openWalkStage({configuration: {retry: {attempts: 3, delay: 0.001}}})
    stage.origin.on('/U', respond(503, {}, 'no'))
    const protocol = speak(named('/r', answered))
    const outcome = await stage.upload()
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 503, body: 'no'}})
    expect(outcome.resumeData).toBeUndefined()
    expect(protocol.calls).toEqual(['create'])
    expect(stage.files).toEqual([])
  })

  it('is asked again once after 409, and the second in a row ends it', async () => {
    const conflict = fails('HTTP_STATUS', {status: 409})
    const protocol = speak(named('/r', has(100)), conflict, has(100), conflict, conflict)
    const outcome = await stage.upload()
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'HTTP_STATUS', status: 409}})
    expect(protocol.calls).toEqual([
      'create',
      'proceed from 100',
      'proceed from unknown',
      'proceed from 100',
      'proceed from unknown'
    ])
    expect(outcome.resumeData).toBe(stage.recordPath)
  })

  it('makes it go on as tus where the refusal speaks of tus', async () => {
    stage.origin.on('/U', respond(405, {'tus-resumable': '1.0.0'}))
    const ietf = speak(answered)
    const tus = speakTus(named('/r', complete))
    expect(await stage.upload()).toMatchObject({state: 'completed'})
    expect([ietf.calls, tus.calls]).toEqual([['create'], ['create']])
  })

  it('does not make it go on as tus where the user has chosen', async () => {
    stage = await openWalkStage({configuration: {uploads: {resumable: 'ietf'}}})
    stage.origin.on('/U', respond(405, {'tus-resumable': '1.0.0'}))
    speak(answered)
    expect(await stage.upload()).toMatchObject({state: 'failed', error: {status: 405}})
  })

  it('ends it when the server wants more and takes nothing', async () => {
    const protocol = speak(named('/r'), more)
    expect(await stage.upload()).toMatchObject({state: 'failed', error: {code: 'SEND_FAILED'}})
    expect(protocol.calls).toHaveLength(3)
  })

  it('ends it for good when the file changes while it is sent', async () => {
    const protocol = speak(named('/r', fails('SOURCE_CHANGED')))
    expect(await stage.upload()).toMatchObject({state: 'failed', error: {code: 'SOURCE_CHANGED'}})
    expect(protocol.calls).toEqual(['create', 'cancel /r'])
    expect(stage.files).toEqual([])
  })
})
