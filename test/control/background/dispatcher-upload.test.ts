import {existsSync, readdirSync, renameSync, unlinkSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {startDraftServer} from '../../resumable-upload/draft-server.ts'
import type {DraftServer, DraftServerOptions} from '../../resumable-upload/draft-server.ts'
import {dispatcherStage} from './dispatcher-stage.ts'
import type {DispatcherStage} from './dispatcher-stage.ts'

const body = seededBytes(3_000_000, 1)

/** A file to send. */
function sourceOf(stage: DispatcherStage, content: Buffer = body): string {
  const path = join(stage.folder, 'source')
  writeFileSync(path, content)
  return path
}

async function draftServer(options: DraftServerOptions = {}): Promise<DraftServer> {
  const server = await startDraftServer(options)
  onTestFinished(() => server.close())
  return server
}

describe('An upload of the background', () => {
  it('sends its file and leaves it where it is; the answer is kept as far as the record needs it', async () => {
    const stage = await dispatcherStage()
    stage.origin.on('/upload', (_request, reply) => reply.respond(201, {'x-kept': 'yes'}, 'thank you'))
    const source = sourceOf(stage)
    const [id = ''] = stage.submit([stage.upload(source)], {keys: {uploads: {resumable: 'none'}}})
    expect(await stage.ended(id)).toMatchObject({
      kind: 'upload',
      state: 'completed',
      status: 201,
      source,
      bytes: body.length,
      headers: {'x-kept': 'yes'}
    })
    expect(stage.origin.requests[0]?.body.equals(body)).toBe(true)
    expect(existsSync(source)).toBe(true)
    expect(stage.told(id)).not.toContain('task.data')
    expect(stage.told(id).at(-1)).toBe('task.completed')
  })

  it.each<[string, (path: string) => void, string]>([
    ['that was written to', path => writeFileSync(path, 'more', {flag: 'a'}), 'SOURCE_CHANGED'],
    ['with another time', path => utimesSync(path, 1, 1), 'SOURCE_CHANGED'],
    ['that another one has replaced', replaceBySame, 'SOURCE_CHANGED'],
    ['that is gone', path => unlinkSync(path), 'READ_FAILED']
  ])('of a file %s since it was submitted fails, and nothing is sent [B8]', async (_what, change, code) => {
    const stage = await dispatcherStage()
    const source = sourceOf(stage)
    const [id = ''] = stage.submit([stage.upload(source, {earliestBegin: Date.now() + 100})])
    change(source)
    expect(await stage.ended(id)).toMatchObject({state: 'failed', error: {code, exitCode: 26}})
    expect(stage.told(id)).toEqual(['task.created', 'task.completed'])
    expect(stage.origin.connections).toBe(0)
  })

  it('goes on where the server is, after a restart, and takes nothing for granted', async () => {
    const stage = await dispatcherStage()
    const server = await draftServer({
      progressEvery: 64 * 1024,
      faults: {create: [{after: 1_000_000, connection: 'stall'}]}
    })
    const source = sourceOf(stage)
    const [id = ''] = stage.submit([stage.upload(source, {request: {url: server.url('/file')}})])
    await stage.untilResumable(id)
    await stage.reopen()
    expect(await stage.ended(id)).toMatchObject({id, state: 'completed', restarted: false})
    expect(server.resources[0]?.content.equals(body)).toBe(true)
    expect(stage.told(id).filter(event => event === 'task.completed')).toHaveLength(1)
    expect(readdirSync(join(stage.folder, 'uploads'))).toEqual([])
  })

  it('that is cancelled is forgotten by the server too, also when it does not run', async () => {
    const stage = await dispatcherStage()
    const server = await draftServer({
      progressEvery: 64 * 1024,
      faults: {create: [{after: 1_000_000, connection: 'stall'}]}
    })
    const [id = ''] = stage.submit([stage.upload(sourceOf(stage), {request: {url: server.url('/file')}})])
    await stage.untilResumable(id)
    const task = stage.dispatcher.roll.find(id)?.task
    await task?.hold?.('continue')
    await task?.cancel()
    expect((await stage.ended(id)).state).toBe('cancelled')
    expect(server.origin.requests.at(-1)?.method).toBe('DELETE')
    expect(readdirSync(join(stage.folder, 'uploads'))).toEqual([])
  })

  it('keeps the copy that was made for it until it has ended', async () => {
    const stage = await dispatcherStage()
    const hold = Promise.withResolvers<void>()
    stage.origin.script('/upload', [() => hold.promise, (_request, reply) => reply.respond(201, {}, '')])
    const source = sourceOf(stage, body.subarray(0, 1000))
    const [id = ''] = stage.submit([stage.upload(source, {lifetime: 'task'})], {
      keys: {uploads: {resumable: 'none'}}
    })
    await stage.origin.untilRequests(1)
    await stage.close()
    hold.resolve()
    expect(existsSync(source)).toBe(true)
    await stage.open()
    expect((await stage.ended(id)).state).toBe('completed')
    expect(existsSync(source)).toBe(false)
  })
})

function replaceBySame(path: string): void {
  writeFileSync(`${path}.new`, body)
  renameSync(`${path}.new`, path)
}

describe('A task that continues another', () => {
  const resource = {body: body.subarray(0, 400_000), entityTag: '"v1"'}
  const half = {holdAfter: {bytes: 200_000, until: new Promise(() => {})}}

  async function paused(stage: DispatcherStage): Promise<string> {
    stage.origin.serve('/file', {...resource, faults: [half]})
    const [id = ''] = stage.submit([stage.download('file')])
    await stage.untilBytes(id, 200_000)
    await stage.dispatcher.roll.find(id)?.task.cancelByProducingResumeData?.('continue')
    return join(stage.downloads, 'file.ferry')
  }

  it('is a new one that begins where the other was paused, which has nothing more to give [R27] [R28]', async () => {
    const stage = await dispatcherStage()
    const resumeData = await paused(stage)
    const [before] = stage.dispatcher.roll.list('all')
    const [id = ''] = stage.submit([stage.continuation(resumeData)])
    expect(before && stage.journal.task(before.task.id)).toMatchObject({state: 'paused', resumeData: null})
    expect(await stage.ended(id)).toMatchObject({id, state: 'completed', resumedFrom: 200_000})
    expect(stage.file('file')).toEqual(resource.body)
    expect(readdirSync(stage.downloads)).toEqual(['file'])
  })

  it('can be paused before it starts: what it was to continue stays as it is', async () => {
    const stage = await dispatcherStage()
    const resumeData = await paused(stage)
    const [id = ''] = stage.submit([stage.continuation(resumeData, {earliestBegin: Date.now() + 3600_000})])
    await stage.dispatcher.roll.find(id)?.task.cancelByProducingResumeData?.('continue')
    expect(await stage.ended(id)).toMatchObject({state: 'paused', resumeData})
    expect(readdirSync(stage.downloads).toSorted()).toEqual(['file.ferry', 'file.part'])
  })

  it('fails where there is nothing to continue', async () => {
    const stage = await dispatcherStage()
    const [id = ''] = stage.submit([stage.continuation(join(stage.downloads, 'nothing.ferry'))])
    expect(await stage.ended(id)).toMatchObject({
      state: 'failed',
      resumeData: null,
      error: {code: 'RESUME_DATA_INVALID', exitCode: 111}
    })
  })
})
