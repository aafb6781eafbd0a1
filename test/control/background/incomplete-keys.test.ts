import {describe, expect, it} from 'vitest'
import type {Submission} from '../../../src/control/background/submission.ts'
import {controlToken} from '../../../src/control/control-token.ts'
import {raw} from '../stage.ts'
import {attachStage} from './attach-stage.ts'
import {submitTo} from './journal-task.ts'
import {dispatcherStage} from './dispatcher-stage.ts'
import type {DispatcherStage} from './dispatcher-stage.ts'

/** A submission that knows a single key, as of a ferry that had no others. */
function oldSubmission(stage: DispatcherStage): Submission {
  stage.origin.on('*', (request, reply) => reply.respond(200, {}, request.header('x-old') ?? 'none'))
  const keys = {headers: {'X-Old': 'kept'}} as unknown as Submission['snapshot']['keys']
  return {
    session: 'old',
    snapshot: {keys, onComplete: null, environment: {}},
    tasks: [stage.download('file')]
  }
}

describe('A configuration that lacks keys', () => {
  it('is completed with what is usual when it is submitted', async () => {
    const {daemon, endpoint, places} = await attachStage()
    const submission = oldSubmission(daemon)
    const [id = ''] = submission.tasks.map(task => task.id)
    const authorization = `Bearer ${await controlToken(places.state)}`
    const body = JSON.stringify(submission)
    const request = {method: 'POST', path: '/background/tasks', authorization, body}
    await expect(raw(endpoint, request)).resolves.toMatchObject({status: 200, body: {ids: [id]}})
    expect((await daemon.ended(id)).state).toBe('completed')
    expect(daemon.file('file').toString()).toBe('kept')
  })

  it('is completed when the journal of an older ferry has it', async () => {
    const stage = await dispatcherStage()
    const submission = oldSubmission(stage)
    submitTo(stage.journal, submission)
    await stage.reopen()
    expect((await stage.ended(submission.tasks[0]?.id ?? '')).state).toBe('completed')
    expect(stage.file('file').toString()).toBe('kept')
    expect(stage.reports).toEqual([])
  })

  it('is refused with a header that cannot be sent', async () => {
    const {daemon, endpoint, places} = await attachStage()
    const {snapshot, ...submission} = oldSubmission(daemon)
    const keys = {headers: {'X-Old\r\nX-New': 'x'}}
    const authorization = `Bearer ${await controlToken(places.state)}`
    const body = JSON.stringify({...submission, snapshot: {...snapshot, keys}})
    const request = {method: 'POST', path: '/background/tasks', authorization, body}
    await expect(raw(endpoint, request)).resolves.toMatchObject({status: 400})
  })
})
