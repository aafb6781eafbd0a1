import {readFileSync} from 'node:fs'
import {gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import {redirect, respond} from '../../origin/handlers.ts'
import type {Fault} from '../../origin/resource.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, first, openStage, second} from './stage.ts'

const held = 400
const asked = `bytes=${held}-`
const again = {configuration: {retry: {attempts: 2, delay: 0.01}}}

describe('an answer that says nothing about the content', () => {
  it.each([401, 403, 404, 410])(
    'keeps part and resume data at a %i, which is no change [D15]',
    async status => {
      const stage = await openStage(again)
      await stage.interrupt(first, held)
      const record = readFileSync(stage.resumeData, 'utf8')
      stage.origin.change('/F', {...first, faults: [{status}]})
      await expect(stage.resume()).resolves.toMatchObject({
        state: 'failed',
        error: {code: 'HTTP_STATUS', status},
        resumeData: stage.resumeData
      })
      expect(stage.origin.requests).toHaveLength(1)
      expect(readFileSync(stage.resumeData, 'utf8')).toBe(record)
      expect(digestOf(readFileSync(stage.partial))).toBe(digestOf(first.body.subarray(0, held)))
      await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
      expect(stage.content).toBe(digestOf(first.body))
    }
  )

  it.each([
    ['the same tag', first, asked, held],
    ['another tag', second, asked, 0]
  ])(
    'goes on at a new address, where the validator still decides: %s [D15]',
    async (_case, server, range, offset) => {
      const stage = await openStage()
      await stage.interrupt(first, held)
      stage.origin.serve('/renewed', server)
      const url = new URL(stage.origin.url('/renewed?token=2'))
      await expect(stage.resume({url})).resolves.toMatchObject({state: 'completed'})
      expect(stage.ranges).toEqual([range])
      expect(stage.resumptions).toMatchObject([{offset}])
      expect(stage.content).toBe(digestOf(server.body))
    }
  )

  it('keeps range and condition through a redirection and judges the last answer [D16]', async () => {
    const stage = await openStage()
    await stage.interrupt(first, held)
    stage.origin.on('/F', redirect(302, '/elsewhere'))
    stage.origin.serve('/elsewhere', first)
    await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
    expect(stage.ranges).toEqual([asked, asked])
    expect(stage.origin.requests.map(request => request.header('if-range'))).toEqual(['"v1"', '"v1"'])
    expect(stage.content).toBe(digestOf(first.body))
  })

  it.each<[string, Fault]>([
    ['408', {status: 408}],
    ['429', {status: 429, retryAfter: 0}],
    ['500', {status: 500}],
    ['503', {retryAfter: 0}],
    ['a reset before the head', {holdHead: Promise.resolve(), resetAfter: 0}],
    ['an empty reply', {lie: 'emptyReply'}],
    ['a reset in the body', {resetAfter: 100}]
  ])('asks again for the rest after %s [D17]', async (_case, fault) => {
    const stage = await openStage(again)
    await stage.interrupt(first, held)
    stage.origin.change('/F', {...first, faults: [fault]})
    await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
    expect(stage.ranges[0]).toBe(asked)
    expect(stage.ranges[1]).toBe(fault.resetAfter === 100 ? 'bytes=500-' : asked)
    expect(stage.content).toBe(digestOf(first.body))
  })

  it('keeps the part when every attempt met a 503 [D17]', async () => {
    const stage = await openStage(again)
    await stage.interrupt(first, held)
    stage.origin.change('/F', {...first, fault: {status: 503}})
    await expect(stage.resume()).resolves.toMatchObject({
      error: {code: 'HTTP_STATUS', status: 503},
      resumeData: stage.resumeData
    })
    expect(stage.ranges).toEqual([asked, asked, asked])
    expect(stage.record.bytesReceived).toBe(held)
  })
})

describe('Content-Encoding', () => {
  const packed = gzipSync(seededBytes(3000, 5).toString('hex'))
  const encoded = {body: packed, entityTag: '"v1"', headers: {'content-encoding': 'gzip'}}

  it('makes a 206 useless: everything is fetched anew [D18, fault 31]', async () => {
    const stage = await openStage()
    await stage.interrupt(first, held)
    stage.origin.change('/F', {...first, faults: [{headers: {'content-encoding': 'gzip'}}]})
    await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
    expect(stage.ranges).toEqual([asked, undefined])
    expect(stage.content).toBe(digestOf(first.body))
  })

  it('on a 200 starts over, and leaves nothing to resume [D18, wrong 20]', async () => {
    const stage = await openStage()
    await stage.interrupt(first, held)
    stage.origin.change('/F', {...encoded, ranges: 'ignored', faults: [{cutAfter: 500}]})
    const outcome = await stage.resume()
    expect(outcome).toMatchObject({state: 'failed', error: {code: 'TRANSFER_TRUNCATED'}})
    expect(outcome.resumeData).toBeUndefined()
    expect(stage.files).toEqual([])
  })

  it.each([
    ['is cut', packed.subarray(0, packed.length - 9), 'CONTENT_CODING'],
    ['has junk behind it', Buffer.concat([packed, Buffer.from('junk')]), 'CONTENT_CODING'],
    ['unpacks to more than is allowed', gzipSync(Buffer.alloc(3_000_000)), 'FILE_TOO_LARGE']
  ])(
    'that is decoded fails where the content %s, and leaves nothing [fault 39]',
    async (_case, body, code) => {
      const stage = await openStage({configuration: {limits: {maxFileSize: 1_000_000}}})
      stage.origin.serve('/F', {...encoded, body})
      await expect(stage.download({decode: true})).resolves.toMatchObject({error: {code}})
      expect(stage.files).toEqual([])
    }
  )

  it('that is decoded in full is a download like any other', async () => {
    const stage = await openStage()
    stage.origin.serve('/F', encoded)
    await expect(stage.download({decode: true})).resolves.toMatchObject({state: 'completed'})
    expect(stage.content).toBe(digestOf(Buffer.from(seededBytes(3000, 5).toString('hex'))))
  })
})

describe('the announced end', () => {
  it('is the end: bytes beyond it are dropped with their connection [D19, fault 38]', async () => {
    const stage = await openStage()
    stage.origin.serve('/F', {...first, fault: {extraBytes: 50}})
    await expect(stage.download()).resolves.toMatchObject({state: 'completed'})
    await stage.origin.untilIdle()
    expect(stage.content).toBe(digestOf(first.body))
  })

  it('before it, nothing is finished: the failure carries resume data [D20, wrong 2, 3D 98]', async () => {
    const stage = await openStage()
    stage.origin.serve('/F', {...first, faults: [{cutAfter: held}]})
    await expect(stage.download()).resolves.toMatchObject({
      state: 'failed',
      error: {code: 'TRANSFER_TRUNCATED'},
      resumeData: stage.resumeData
    })
    expect(stage.files).toEqual(['F.ferry', 'F.part'])
    expect(stage.record).toMatchObject({bytesReceived: held, total: 1000, state: 'failed'})
  })

  it('before it in a continuation, the resume data is of the new offset [D20, wrong 7]', async () => {
    const stage = await openStage()
    await stage.interrupt(first, held)
    for (const reached of [600, 601, 999]) {
      const before = stage.record.bytesReceived
      stage.origin.change('/F', {...first, faults: [{cutAfter: reached - before}]})
      await expect(stage.resume()).resolves.toMatchObject({state: 'failed', resumeData: stage.resumeData})
      expect(stage.record).toMatchObject({bytesReceived: reached, total: 1000})
      expect(stage.record.originalRequest.headers).toEqual([])
    }
    stage.origin.change('/F', first)
    await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
    expect(stage.content).toBe(digestOf(first.body))
  })

  it('before the last chunk is missing as well', async () => {
    const stage = await openStage()
    stage.origin.serve('/F', {...first, framing: 'chunked', faults: [{cutAfter: 1000}]})
    await expect(stage.download()).resolves.toMatchObject({
      state: 'failed',
      error: {code: 'TRANSFER_TRUNCATED'}
    })
    expect(stage.content).toBeUndefined()
  })
})

describe('a server that does not keep to anything', () => {
  it('ends the transfer when it changes each time, after one restart [security 6.9 h]', async () => {
    const stage = await openStage({configuration: {retry: {attempts: 20, delay: 0.001}}})
    await stage.interrupt(first, held)
    let version = 1
    stage.origin.on('/F', async (_request, reply) => {
      await reply.head(200, {etag: `"v${++version}"`, 'content-length': '1000'})
      await reply.write(seededBytes(500, version))
      await reply.fin()
    })
    await expect(stage.resume()).resolves.toMatchObject({state: 'failed', error: {code: 'RESOURCE_CHANGED'}})
    expect(version).toBe(3)
    expect(stage.content).toBeUndefined()
  })

  it.each([
    ['a 200 with a slice', 200, 'bytes 400-999/1000'],
    ['a 206 with a slice', 206, 'bytes 400-999/1000'],
    ['a 206 without Content-Range', 206, undefined]
  ])(
    'ends the transfer when it sends %s even if nobody asks for one [fault rows 29, 30]',
    async (_case, status, range) => {
      const stage = await openStage()
      await stage.interrupt(first, held)
      stage.origin.on(
        '/F',
        respond(status, {etag: '"v1"', ...(range ? {'content-range': range} : {})}, first.body.subarray(500))
      )
      await expect(stage.resume()).resolves.toMatchObject({
        state: 'failed',
        error: {code: 'RANGE_REFUSED'},
        resumeData: stage.resumeData
      })
      expect(stage.ranges).toEqual([asked, undefined])
      expect(stage.record.bytesReceived).toBe(held)
    }
  )

  it.each([412, 416])(
    'fails with the %i it sends to a plain request, and saves no text of it',
    async status => {
      const stage = await openStage()
      stage.origin.on('/F', respond(status, {}, 'not the file'))
      await expect(stage.download()).resolves.toMatchObject({error: {code: 'HTTP_STATUS', status}})
      await stage.interrupt(first, held)
      stage.origin.on('/F', respond(status, {}, 'not the file'))
      await expect(stage.resume()).resolves.toMatchObject({error: {code: 'HTTP_STATUS', status}})
      expect(stage.ranges).toEqual([asked, undefined])
      expect(stage.files).toEqual(['F.ferry', 'F.part'])
    }
  )
})
