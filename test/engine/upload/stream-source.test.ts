import {Readable} from 'node:stream'
import {describe, expect, it} from 'vitest'
import type {NewBodyReason, SessionDelegate, UploadSource} from '../../../src/engine/index.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {bytesBeforeFailure, bytesOf, opened} from './sent-source.ts'

const content = seededBytes(1000, 1)

async function* pieces(...lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let position = 0
  for (const length of lengths) yield content.subarray(position, (position += length))
}

/** A delegate whose streams are made of pieces of these lengths. */
function streaming(...lengths: readonly number[]): SessionDelegate & {asked: NewBodyReason[]} {
  const asked: NewBodyReason[] = []
  return {
    asked,
    needNewBodyStream: (_task, reason) => {
      asked.push(reason)
      return pieces(...lengths)
    }
  }
}

const openStream = (delegate: SessionDelegate, length?: number) =>
  opened({kind: 'stream', ...(length === undefined ? {} : {length})}, {delegate})

describe('A stream', () => {
  it('is asked for at each reading, with the reason', async () => {
    const delegate = streaming(400, 600)
    const {body, task} = await openStream(delegate)
    expect(body.length).toBeUndefined()
    expect(task.countOfBytesExpectedToSend).toBeUndefined()
    expect(delegate.asked).toEqual([])
    expect((await bytesOf(body)).equals(content)).toBe(true)
    expect((await bytesOf(body.again('challenge'))).equals(content)).toBe(true)
    expect((await bytesOf(body.again('redirect').again('retry'))).equals(content)).toBe(true)
    expect(delegate.asked).toEqual(['initial', 'challenge', 'retry'])
  })

  it('has the length that was announced', async () => {
    const {body, task} = await openStream(streaming(400, 0, 600, 0), 1000)
    expect(body.length).toBe(1000)
    expect(task.countOfBytesExpectedToSend).toBe(1000)
    expect((await bytesOf(body)).equals(content)).toBe(true)
  })

  it('may have no bytes, announced or not', async () => {
    expect(await bytesOf((await openStream(streaming(), 0)).body)).toHaveLength(0)
    expect(await bytesOf((await openStream(streaming())).body)).toHaveLength(0)
  })

  it.each([
    {what: 'ends early', lengths: [400, 300], length: 1000, words: /700 bytes instead of the 1000/},
    {what: 'goes on in a piece', lengths: [400, 600], length: 900, words: /more than the 900.*at least 1000/},
    {what: 'goes on after a piece', lengths: [400, 500, 100], length: 900, words: /more than the 900/},
    {what: 'has bytes where none were announced', lengths: [1], length: 0, words: /more than the 0/}
  ])('that $what fails before it looks whole', async ({lengths, length, words}) => {
    const {body} = await openStream(streaming(...lengths), length)
    const {bytes, error} = await bytesBeforeFailure(body)
    expect(error).toMatchObject({code: 'READ_FAILED', message: expect.stringMatching(words)})
    expect(bytes).toBeLessThan(Math.max(length, 1))
  })

  it('that nobody gives cannot be sent', async () => {
    const {body} = await openStream({})
    expect((await bytesBeforeFailure(body)).error).toMatchObject({
      code: 'READ_FAILED',
      hint: expect.stringContaining('needNewBodyStream')
    })
  })

  it.each<{what: string; stream: AsyncIterable<Uint8Array>}>([
    {what: 'a generator', stream: pieces(1000)},
    {what: 'a stream of Node', stream: Readable.from([content])}
  ])('that was read already, $what, is not taken for an empty one', async ({stream}) => {
    const {body} = await openStream({needNewBodyStream: () => stream})
    expect((await bytesOf(body)).equals(content)).toBe(true)
    expect(await bytesBeforeFailure(body.again('redirect'))).toMatchObject({
      bytes: 0,
      error: {
        code: 'READ_FAILED',
        message: expect.stringContaining('is redirected to'),
        hint: expect.stringContaining('--spool')
      }
    })
  })

  it('that begins anew whenever it is asked may be given twice', async () => {
    const stream = {[Symbol.asyncIterator]: () => pieces(1000)}
    const {body} = await openStream({needNewBodyStream: () => stream})
    await bytesOf(body)
    expect((await bytesOf(body.again('retry'))).equals(content)).toBe(true)
  })

  it('that fails says why', async () => {
    const stream = Readable.from(
      (async function* () {
        yield content
        throw new Error('The cable is out')
      })()
    )
    const {body} = await openStream({needNewBodyStream: () => stream})
    expect((await bytesBeforeFailure(body)).error).toMatchObject({
      code: 'READ_FAILED',
      message: 'Cannot read the stream: The cable is out'
    })
  })

  it('that a delegate fails to give says why', async () => {
    const needNewBodyStream = () => Promise.reject(new Error('The tape is torn'))
    const {body} = await openStream({needNewBodyStream})
    expect((await bytesBeforeFailure(body)).error).toMatchObject({
      code: 'READ_FAILED',
      message: 'Cannot read the stream: The tape is torn'
    })
  })

  it('that gives nothing keeps nobody who closes it, and is destroyed', async () => {
    const stream = new Readable({read: () => {}})
    const {body} = await openStream({needNewBodyStream: () => stream})
    const reading = body.open()
    const first = reading[Symbol.asyncIterator]().next()
    await new Promise(setImmediate)
    reading.close()
    await expect(first).rejects.toMatchObject({code: 'CANCELLED'})
    expect(stream.destroyed).toBe(true)
  })
})

describe('A reading', () => {
  const reasons: {source: UploadSource; told: NewBodyReason[]}[] = [
    {source: {kind: 'stream'}, told: ['initial', 'challenge', 'retry']},
    {source: {kind: 'data', data: content}, told: ['challenge', 'retry']},
    {
      source: {kind: 'form', fields: [{name: 'a', value: {kind: 'text', text: 'b'}}]},
      told: ['challenge', 'retry']
    }
  ]

  it.each(reasons)('of $source.kind is announced when it is $told', async ({source, told}) => {
    const announced: NewBodyReason[] = []
    const delegate = {
      ...streaming(1),
      didNeedNewBody: (_task: unknown, reason: NewBodyReason) => void announced.push(reason)
    }
    const {body} = await opened(source, {delegate})
    for (const each of [body, body.again('challenge'), body.again('retry')]) each.open().close()
    expect(announced).toEqual(told)
  })

  it('of data gives its bytes, and none of no data', async () => {
    const {body, task} = await opened({kind: 'data', data: content})
    expect([body.length, task.countOfBytesExpectedToSend]).toEqual([1000, 1000])
    expect((await bytesOf(body)).equals(content)).toBe(true)
    expect((await bytesOf(body.again('redirect'))).equals(content)).toBe(true)
    expect(await bytesOf((await opened({kind: 'data', data: new Uint8Array()})).body)).toHaveLength(0)
  })

  it('counts from the beginning again when the body is sent again', async () => {
    const {body, task} = await opened({kind: 'data', data: content})
    await bytesOf(body)
    expect(task.countOfBytesSent).toBe(1000)
    body.again('retry').open()
    expect(task.countOfBytesSent).toBe(0)
  })

  it('that is closed before its end never looks whole', async () => {
    const {body} = await opened({kind: 'data', data: content})
    const reading = body.open()
    const pieces = reading[Symbol.asyncIterator]()
    await pieces.next()
    reading.close()
    reading.close()
    await expect(pieces.next()).rejects.toMatchObject({code: 'CANCELLED'})
  })

  it('keeps to the rate of the session, in pieces that are short enough for it', async () => {
    const data = seededBytes(40_000, 1)
    const {body, task} = await opened({kind: 'data', data}, {configuration: {limits: {rate: 80_000}}})
    const began = performance.now()
    const counts: number[] = []
    for await (const _piece of body.open()) counts.push(task.countOfBytesSent)
    // The last eighth of a second is not waited for; a clock may round.
    expect(performance.now() - began).toBeGreaterThan(350)
    expect(counts).toEqual([0, 10_000, 20_000, 30_000])
  })
})
