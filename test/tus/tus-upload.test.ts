import {readFileSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../src/engine/index.ts'
import {openTusStage} from './tus-stage.ts'
import type {TusStage} from './tus-stage.ts'

function metadataOf(stage: TusStage): Record<string, string> | undefined {
  const [name = ''] = stage.kept
  const text = readFileSync(join(stage.store.directory, `${name}.json`), 'utf8')
  return (JSON.parse(text) as {metadata?: Record<string, string>}).metadata
}

describe('an upload to a server of tus', () => {
  it.each(['absolute', 'relative'])('goes to the address that creation has named, be it %s', async kind => {
    const stage = await openTusStage({server: {relativeLocation: kind === 'relative'}})
    await expect(stage.send()).resolves.toMatchObject({state: 'completed', response: {status: 204}})
    stage.expectWhole()
    expect(stage.story).toEqual(['OPTIONS 204', 'POST 201', 'PATCH 204'])
  })

  it('counts what was sent, up to the length and no further', async () => {
    const stage = await openTusStage()
    const task = stage.start()
    await task.outcome
    expect(task.countOfBytesSent).toBe(stage.content.length)
    expect(task.countOfBytesExpectedToSend).toBe(stage.content.length)
  })

  it('sends more than one piece of memory in one request', async () => {
    const stage = await openTusStage({size: 5 * 1024 * 1024 + 17})
    await expect(stage.send()).resolves.toMatchObject({state: 'completed'})
    stage.expectWhole()
    expect(stage.story.filter(line => line.startsWith('PATCH'))).toHaveLength(1)
  })

  it('of an empty file is complete with its creation', async () => {
    const stage = await openTusStage({size: 0})
    await expect(stage.send()).resolves.toMatchObject({state: 'completed', response: {status: 201}})
    expect(stage.story).toEqual(['OPTIONS 204', 'POST 201'])
    stage.expectWhole()
  })

  it.each([
    ['F', [], {filename: 'F'}],
    ['Größe.csv', [], {filename: 'Größe.csv', filetype: 'text/csv'}],
    ['a.csv', [['Content-Type', 'text/x-own']], {filename: 'a.csv', filetype: 'text/x-own'}]
  ] as const)('names the file %s, and its type where that is known', async (name, headers, metadata) => {
    const stage = await openTusStage()
    renameSync(stage.file, join(stage.folder, name))
    await stage.send({headers}, stage.recorded, join(stage.folder, name))
    expect(metadataOf(stage)).toEqual(metadata)
  })

  it('does not name a copy that was made for it', async () => {
    const stage = await openTusStage()
    const task = stage.recorded.session.uploadTask(urlRequest(stage.collection, {method: 'PUT'}), {
      source: {kind: 'file', path: stage.file, lifetime: 'task'}
    })
    task.resume()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed'})
    expect(metadataOf(stage)).toBeUndefined()
  })

  it('asks the server once in a session what it can do', async () => {
    const stage = await openTusStage()
    await stage.send()
    await stage.send()
    expect(stage.story).toEqual(['OPTIONS 204', 'POST 201', 'PATCH 204', 'POST 201', 'PATCH 204'])
  })

  it('is not refused because of what the server has said some time ago', async () => {
    let maxSize = 1000
    const stage = await openTusStage({server: {maxSize: () => maxSize}})
    const small = join(stage.folder, 'small')
    writeFileSync(small, 'small')
    await stage.send({}, stage.recorded, small)
    maxSize = 1_000_000
    stage.story.length = 0
    await expect(stage.send()).resolves.toMatchObject({state: 'completed'})
    expect(stage.story).toEqual(['OPTIONS 204', 'POST 201', 'PATCH 204'])
  })

  it('describes the file in the words of the user, where there are some', async () => {
    const stage = await openTusStage()
    await stage.send({headers: [['Upload-Metadata', `title ${Buffer.from('Größe').toString('base64')}`]]})
    expect(metadataOf(stage)).toEqual({title: 'Größe'})
  })

  it('is refused before anything is created where the server takes no file of that size', async () => {
    const stage = await openTusStage({server: {maxSize: 1000}})
    await expect(stage.send()).resolves.toMatchObject({state: 'failed', error: {code: 'FILE_TOO_LARGE'}})
    expect(stage.story).toEqual(['OPTIONS 204'])
    expect(stage.kept).toEqual([])
  })

  it('hands the answer to the last byte to the delegate', async () => {
    const onUploadFinish = async () => ({status_code: 200, body: 'stored as 17', headers: {'X-Number': '17'}})
    const stage = await openTusStage({server: {onUploadFinish}})
    const task = stage.start()
    await expect(task.outcome).resolves.toMatchObject({state: 'completed', response: {status: 200}})
    expect(stage.recorded.body(task).toString()).toBe('stored as 17')
    expect(stage.recorded.count('didReceiveResponse')).toBe(1)
  })

  it('fails with what the server says when it refuses the file at its end', async () => {
    const onUploadFinish = () =>
      Promise.reject(Object.assign(new Error(), {status_code: 422, body: 'not a picture'}))
    const stage = await openTusStage({server: {onUploadFinish}})
    await expect(stage.send()).resolves.toMatchObject({
      state: 'failed',
      error: {code: 'HTTP_STATUS', status: 422, body: 'not a picture'}
    })
  })
})
