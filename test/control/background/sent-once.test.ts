import {once} from 'node:events'
import {existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {describe, expect, it, onTestFinished, vi} from 'vitest'
import {startOrigin} from '../../origin/origin.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {startDraftServer} from '../../resumable-upload/draft-server.ts'
import {patience} from '../../scratch/patience.ts'
import {dispatcherStage} from './dispatcher-stage.ts'
import type {DispatcherStage, SubmissionFacts} from './dispatcher-stage.ts'
import {refusing} from './refusing-journal.ts'

const plain: SubmissionFacts = {keys: {uploads: {resumable: 'none'}}}
const post = {request: {method: 'POST'}} as const

interface Sent {
  readonly id: string
  readonly source: string
}

/** The server has all of an upload, and does not answer. */
async function unanswered(
  stage: DispatcherStage,
  {by, ...facts}: Parameters<DispatcherStage['upload']>[1] & {by: SubmissionFacts}
): Promise<Sent> {
  const never = new Promise<void>(() => {})
  stage.origin.script('/upload', [() => never, (_request, reply) => reply.respond(201, {}, '')])
  const source = join(stage.folder, 'source')
  writeFileSync(source, seededBytes(1000, 1))
  const later = Date.now() + 500
  const [id = ''] = stage.submit([stage.upload(source, {...facts, earliestBegin: later})], by)
  return {id, source}
}

/** The next daemon begins after the one before was killed, or told to stop. */
const ends = {
  'a kill': async (stage: DispatcherStage): Promise<void> => {
    await stage.close()
    const daemon = await stage.runElsewhere('run')
    await stage.origin.untilRequests(1)
    daemon.kill('SIGKILL')
    await once(daemon, 'exit')
    await stage.open()
  },
  'a stop': async (stage: DispatcherStage): Promise<void> => {
    await stage.origin.untilRequests(1)
    await stage.reopen()
  }
}

describe.each(['a kill', 'a stop'] as const)('After %s of the daemon', what => {
  it('an upload whose method must not be repeated is not sent again: nobody knows whether the server has it', async () => {
    const stage = await dispatcherStage()
    const {id, source} = await unanswered(stage, {...post, lifetime: 'task', by: plain})
    await ends[what](stage)
    expect(await stage.ended(id)).toMatchObject({
      state: 'failed',
      error: {code: 'SEND_FAILED', exitCode: 55, message: expect.stringContaining('is not known whether')}
    })
    expect(stage.origin.requests).toHaveLength(1)
    expect(stage.told(id).filter(event => event === 'task.completed')).toHaveLength(1)
    expect(existsSync(source)).toBe(true)
  })

  it('whoever sends it again does so on purpose: it is written down', async () => {
    const stage = await dispatcherStage()
    const {id} = await unanswered(stage, {...post, by: plain})
    await ends[what](stage)
    const {resumeData} = await stage.ended(id)
    expect(existsSync(resumeData ?? '')).toBe(true)
    expect(stage.events({task: id}).at(-1)?.facts).toMatchObject({state: 'failed', resumeData})
    const [again = ''] = stage.submit([
      {
        ...stage.continuation(resumeData ?? ''),
        work: {
          kind: 'continue',
          task: 'upload',
          resumeData: resumeData ?? '',
          url: '',
          restarting: 'allow',
          options: {}
        }
      }
    ])
    expect((await stage.ended(again)).state).toBe('completed')
    expect(stage.origin.requests).toHaveLength(2)
  })

  it.each<[string, SubmissionFacts, Parameters<DispatcherStage['upload']>[1]]>([
    ['by PUT', plain, {}],
    [
      'by POST, where each failure is to be tried again',
      {keys: {...plain.keys, retry: {allErrors: true}}},
      post
    ]
  ])('an upload %s is sent again', async (_what, by, facts) => {
    const stage = await dispatcherStage()
    const {id} = await unanswered(stage, {...facts, by})
    await ends[what](stage)
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.origin.requests).toHaveLength(2)
  })
})

/** How the first task stands in the journal that another process has. */
function stateIn({folder}: DispatcherStage): unknown {
  const journal = new DatabaseSync(join(folder, 'background', 'journal.sqlite'), {readOnly: true})
  try {
    return journal.prepare('SELECT state FROM tasks').get()?.['state']
  } finally {
    journal.close()
  }
}

describe('A copy that was made for an upload alone', () => {
  it('goes with its task where nobody can go on from it, also when a kill has ended it', async () => {
    const stage = await dispatcherStage()
    const facts = {...post, lifetime: 'task', resuming: 'never', by: plain} as const
    const {id, source} = await unanswered(stage, facts)
    await ends['a kill'](stage)
    expect(await stage.ended(id)).toMatchObject({error: {code: 'SEND_FAILED'}, resumeData: null})
    expect(existsSync(source)).toBe(false)
  })

  it('goes when everything is ended before it was sent', async () => {
    const stage = await dispatcherStage()
    const {source} = await unanswered(stage, {...post, lifetime: 'task', by: plain})
    await stage.close('cancel')
    expect(existsSync(source)).toBe(false)
    await stage.open()
  })
})

describe('By POST', () => {
  it('an upload goes on where the server says how much it has', async () => {
    const stage = await dispatcherStage()
    const server = await startDraftServer({
      progressEvery: 64 * 1024,
      faults: {create: [{after: 1_000_000, connection: 'stall'}]}
    })
    onTestFinished(() => server.close())
    const body = seededBytes(3_000_000, 1)
    const source = join(stage.folder, 'source')
    writeFileSync(source, body)
    const request = {url: server.url('/file'), method: 'POST'}
    const [id = ''] = stage.submit([stage.upload(source, {request})])
    await stage.untilResumable(id)
    await stage.reopen()
    expect(await stage.ended(id)).toMatchObject({state: 'completed', restarted: false})
    expect(server.resources[0]?.content.equals(body)).toBe(true)
  })

  it('an upload that the server cannot have heard of before a kill is sent when it can be reached', async () => {
    const stage = await dispatcherStage()
    const source = join(stage.folder, 'source')
    writeFileSync(source, 'text')
    const upload = stage.upload(source, {...post, earliestBegin: Date.now() + 500})
    const [id = ''] = stage.submit([upload], plain)
    await stage.close()
    const {port} = stage.origin
    await stage.origin.close()
    const daemon = await stage.runElsewhere('run')
    await vi.waitUntil(() => stateIn(stage) === 'running', patience)
    daemon.kill('SIGKILL')
    await once(daemon, 'exit')
    await stage.open()
    const origin = await startOrigin({port})
    onTestFinished(() => origin.close())
    origin.on('/upload', (_request, reply) => reply.respond(201, {}, ''))
    expect((await stage.ended(id)).state).toBe('completed')
    expect(origin.requests.map(({body}) => body.toString())).toEqual(['text'])
  })

  it('nothing of an upload leaves before that is written down', async () => {
    const stage = await dispatcherStage({interval: 20, journalOf: refusing(1, ({sent}) => sent === true)})
    stage.origin.on('/upload', (_request, reply) => reply.respond(201, {}, ''))
    const source = join(stage.folder, 'source')
    writeFileSync(source, 'text')
    const [id = ''] = stage.submit([stage.upload(source, post)], plain)
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.told(id).filter(event => event === 'task.waiting')).toHaveLength(1)
    expect(stage.origin.requests).toHaveLength(1)
  })

  it('an upload that the server has heard nothing of waits for the next daemon', async () => {
    const stage = await dispatcherStage()
    const source = join(stage.folder, 'source')
    writeFileSync(source, 'text')
    const upload = stage.upload(source, post)
    await stage.origin.close()
    const [id = ''] = stage.submit([upload], plain)
    await stage.until(id, 'running')
    await stage.close()
    await stage.open()
    expect(['waiting', 'running']).toContain(stage.journal.task(id)?.state)
  })
})
