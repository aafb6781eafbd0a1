import {createHash} from 'node:crypto'
import {describe, expect, it} from 'vitest'
import {respond} from '../origin/handlers.ts'
import {fillWithZeros, openTusScene} from './tus-scene.ts'

const mebibyte = 1024 * 1024
const mismatch = respond(460, {'tus-resumable': '1.0.0'})

describe('the checksum of what is sent to a server of tus', () => {
  it.each([
    ['md5,sha1,sha256', 'sha256'],
    ['md5,sha1', 'sha1']
  ])('goes with it where the server offers %s, as %s', async (algorithms, chosen) => {
    const {stage, tus} = await openTusScene()
    tus.offer = {extensions: 'creation,checksum', algorithms}
    await expect(stage.upload()).resolves.toMatchObject({state: 'completed'})
    const sum = createHash(chosen).update(stage.content).digest('base64')
    expect(tus.requestsWith('PATCH')[0]?.header('upload-checksum')).toBe(`${chosen} ${sum}`)
  })

  it.each([
    ['creation,checksum', 'md5,crc32'],
    ['creation', 'sha256']
  ])('stays away where the server offers %s with %s', async (extensions, algorithms) => {
    const {stage, tus} = await openTusScene()
    tus.offer = {extensions, algorithms}
    await expect(stage.upload()).resolves.toMatchObject({state: 'completed'})
    expect(tus.requestsWith('PATCH')[0]?.header('upload-checksum')).toBeUndefined()
  })

  it('is made for one request at a time: a long file goes in pieces of 32 MiB', async () => {
    const scene = await openTusScene()
    fillWithZeros(scene, 33 * mebibyte)
    scene.tus.offer = {extensions: 'creation,checksum', algorithms: 'sha256'}
    const task = scene.stage.start()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    const sent = scene.tus.requestsWith('PATCH').map(({bodyLength}) => bodyLength / mebibyte)
    expect(sent).toEqual([32, 1])
    expect(scene.tus.kept.get('/kept/1')?.content.length).toBe(33 * mebibyte)
    expect(task.countOfBytesSent).toBe(33 * mebibyte)
  })

  it('may fail twice: the same bytes go again, and nothing before them', async () => {
    const {stage, tus} = await openTusScene()
    tus.offer = {extensions: 'creation,checksum', algorithms: 'sha256'}
    tus.instead('PATCH', mismatch, mismatch)
    await expect(stage.upload()).resolves.toMatchObject({state: 'completed'})
    expect(tus.story.slice(2)).toEqual(Array.from({length: 3}, () => 'PATCH /kept/1 from 0'))
    expect(tus.kept.get('/kept/1')?.content.equals(stage.content)).toBe(true)
  })

  it('ends the upload when it fails a third time, and what can be continued stays', async () => {
    const {stage, tus} = await openTusScene()
    tus.offer = {extensions: 'creation,checksum', algorithms: 'sha256'}
    tus.instead('PATCH', mismatch, mismatch, mismatch)
    const outcome = await stage.upload()
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'CHECKSUM_MISMATCH'}})
    expect(outcome.resumeData).toBe(stage.recordPath)
    expect(tus.requestsWith('PATCH')).toHaveLength(3)
  })
})
