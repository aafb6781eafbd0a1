import {once} from 'node:events'
import {existsSync, linkSync, readdirSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {dispatcherStage} from './dispatcher-stage.ts'
import type {DispatcherStage} from './dispatcher-stage.ts'
import {openJournalIn} from './open-dispatcher.ts'
import {refusing} from './refusing-journal.ts'

const body = seededBytes(20_000_000, 1)
const resource = {body, entityTag: '"v1"'}
const most = {holdAfter: {bytes: 15_000_000, until: new Promise(() => {})}}

/** Tasks that another process takes up, because this one's dispatcher is gone. */
async function submitted(stage: DispatcherStage, names: readonly string[]): Promise<readonly string[]> {
  const later = Date.now() + 500
  const ids = stage.submit(names.map(name => stage.download(name, {earliestBegin: later})))
  await stage.close()
  return ids
}

/** A download that has most of its file when its process is killed. */
async function killedInTransfer(stage: DispatcherStage): Promise<string> {
  stage.origin.serve('/file', {...resource, faults: [most]})
  const [id = ''] = await submitted(stage, ['file'])
  const daemon = await stage.runElsewhere('run')
  await stage.untilResumeData('file')
  daemon.kill('SIGKILL')
  await once(daemon, 'exit')
  return id
}

describe('After a kill', () => {
  it('what ran goes on from what was on disk, as the same task, and ends once', async () => {
    const stage = await dispatcherStage()
    const id = await killedInTransfer(stage)
    await stage.open()
    const record = await stage.ended(id)
    expect(record).toMatchObject({id, state: 'completed', error: null})
    expect(record.resumedFrom).toBeGreaterThan(0)
    expect(stage.file('file').equals(body)).toBe(true)
    expect(readdirSync(stage.downloads)).toEqual(['file'])
    expect(stage.journal.task(id)?.attempts).toBe(2)
    expect(stage.told(id).filter(event => event === 'task.completed')).toHaveLength(1)
  })

  it.each(['replace', 'fail'] as const)(
    'a file that had got its name unknown to the journal is finished, and not fetched again (%s)',
    async ifExists => {
      const stage = await dispatcherStage()
      stage.origin.serve('/file', {...resource, body: body.subarray(0, 1_000_000)})
      const later = Date.now() + 500
      const [id = ''] = stage.submit([stage.download('file', {earliestBegin: later, options: {ifExists}})])
      await stage.close()
      const daemon = await stage.runElsewhere('dieBeforeEnd')
      await once(daemon, 'exit')
      expect(existsSync(join(stage.downloads, 'file'))).toBe(true)
      await stage.open()
      expect(await stage.ended(id)).toMatchObject({
        id,
        state: 'completed',
        path: join(stage.downloads, 'file'),
        bytes: 1_000_000,
        total: 1_000_000,
        status: 200,
        error: null
      })
      expect(stage.dispatcher.roll.find(id)?.end()?.exitCode).toBe(0)
      expect(stage.origin.requests).toHaveLength(1)
      expect(readdirSync(stage.downloads)).toEqual(['file'])
      const ends = stage.told(id).filter(event => event === 'task.finished' || event === 'task.completed')
      expect(ends).toEqual(['task.finished', 'task.completed'])
    }
  )

  it('a copy that was made for an upload is there until its end is written down: it is sent again', async () => {
    const stage = await dispatcherStage()
    stage.origin.on('/upload', (_request, reply) => reply.respond(201, {}, ''))
    const source = join(stage.folder, 'source')
    writeFileSync(source, 'text')
    const later = Date.now() + 500
    const upload = stage.upload(source, {lifetime: 'task', earliestBegin: later})
    const [id = ''] = stage.submit([upload], {keys: {uploads: {resumable: 'none'}}})
    await stage.close()
    await once(await stage.runElsewhere('dieBeforeEnd'), 'exit')
    await stage.open()
    expect(await stage.ended(id)).toMatchObject({state: 'completed', error: null})
    expect(stage.origin.requests.map(({body}) => body.toString())).toEqual(['text', 'text'])
    expect(existsSync(source)).toBe(false)
  })

  it('of a file that had got its name nothing stays that stood beside it', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', {...resource, body: body.subarray(0, 1_000_000)})
    const [id = ''] = await submitted(stage, ['file'])
    const daemon = await stage.runElsewhere('dieBeforeEnd')
    await once(daemon, 'exit')
    // As of a process that was killed between the name and the end of its own tidying.
    const place = join(stage.downloads, 'file')
    linkSync(place, `${place}.part`)
    const holder = {pid: daemon.pid, startTime: '1', boot: 'another', host: hostname(), nonce: 'gone'}
    writeFileSync(`${place}.lock`, JSON.stringify(holder))
    await stage.open()
    expect(await stage.ended(id)).toMatchObject({state: 'completed', error: null})
    expect(readdirSync(stage.downloads)).toEqual(['file'])
    expect(stage.origin.requests).toHaveLength(1)
  })

  it('what was on disk and unknown to the journal goes too, when the task is cancelled before it begins again', async () => {
    const stage = await dispatcherStage()
    const id = await killedInTransfer(stage)
    // As of a process that was killed before it noted what it had written.
    const journal = await openJournalIn(stage.folder, () => {})
    journal.change(id, {resumeData: null})
    journal.close()
    await stage.open({journalOf: refusing(1, ({state}) => state === 'running')})
    expect(stage.journal.task(id)).toMatchObject({
      state: 'waiting',
      resumeData: join(stage.downloads, 'file.ferry')
    })
    await stage.dispatcher.roll.find(id)?.task.cancel()
    expect(await stage.ended(id)).toMatchObject({state: 'cancelled', resumeData: null})
    expect(readdirSync(stage.downloads)).toEqual([])
  })

  it('another file under that name finishes nothing: the download is made again', async () => {
    const stage = await dispatcherStage()
    stage.origin.serve('/file', {...resource, body: body.subarray(0, 1_000_000)})
    const [id = ''] = await submitted(stage, ['file'])
    const daemon = await stage.runElsewhere('dieBeforeEnd')
    await once(daemon, 'exit')
    stage.replaceFile('file', Buffer.alloc(1_000_000))
    await stage.open()
    expect((await stage.ended(id)).state).toBe('completed')
    expect(stage.file('file').equals(body.subarray(0, 1_000_000))).toBe(true)
    expect(stage.origin.requests).toHaveLength(2)
  })

  it('what was paused, held or had failed stays as it was, and what waited waits on', async () => {
    const stage = await dispatcherStage()
    const later = Date.now() + 3600_000
    const names = ['paused', 'held', 'waiting'] as const
    const [paused = '', held = '', waiting = ''] = stage.submit(
      names.map(name => stage.download(name, {earliestBegin: later}))
    )
    const [failed = ''] = stage.submit([stage.download('missing')])
    await stage.ended(failed)
    await stage.dispatcher.roll.find(paused)?.task.cancelByProducingResumeData?.('continue')
    await stage.dispatcher.roll.find(held)?.task.hold?.('continue')
    await stage.close()
    const daemon = await stage.runElsewhere('run')
    daemon.kill('SIGKILL')
    await once(daemon, 'exit')
    const requests = stage.origin.requests.length
    await stage.open()
    const states = [paused, held, waiting, failed].map(id => stage.journal.task(id)?.state)
    expect(states).toEqual(['paused', 'held', 'waiting', 'failed'])
    expect(stage.origin.requests).toHaveLength(requests)
  })
})
