import {mkdirSync, readFileSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import {gzipSync} from 'node:zlib'
import {describe, expect, it} from 'vitest'
import type {URLResponse} from '../../../src/engine/index.ts'
import {openStage} from '../download/stage.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {recordedSession} from '../recorded-session.ts'
import type {RecordedSession} from '../recorded-session.ts'

const type = {'content-type': 'multipart/x-mixed-replace;boundary="the seam"'}
const partOf = (text: string): string =>
  `--the seam\r\nContent-Type: text/plain\r\nX-Text: ${text}\r\n\r\n${text}\r\n`
const whole = `${partOf('one')}${partOf('two')}--the seam--\r\n`

const responses = (recorded: RecordedSession): URLResponse[] =>
  recorded.calls.filter(({name}) => name === 'didReceiveResponse').map(({value}) => value as URLResponse)

/** Serves a body at / that ends with the connection, or with its length. */
function serve(
  origin: Origin,
  body: string | Buffer,
  framing: 'length' | 'close' | 'chunked' = 'length'
): void {
  origin.serve('/', {body, framing, headers: type, acceptRanges: 'absent'})
}

describe('A data task whose content replaces itself', () => {
  it('tells of a response for every part, and hands over their contents alone [R54]', async () => {
    await using origin = await startOrigin()
    serve(origin, whole)
    const recorded = recordedSession()
    const {outcome, body, task} = await recorded.get(origin.url('/'))
    expect(outcome).toMatchObject({state: 'completed', response: {status: 200}})
    expect(body.toString()).toBe('onetwo')
    expect(responses(recorded).map(({part}) => part)).toEqual([undefined, 1, 2])
    expect(responses(recorded)[2]).toMatchObject({status: 200, url: new URL(origin.url('/'))})
    expect(Object.fromEntries(responses(recorded)[2]?.headers ?? [])).toEqual({
      'content-type': 'text/plain',
      'x-text': 'two'
    })
    const order = recorded.order(task)
    expect(order.slice(2, 7)).toEqual([
      'didReceiveResponse',
      'didReceiveData',
      'didReceiveResponse',
      'didReceiveData',
      'didWriteData'
    ])
    expect(task.countOfBytesReceived).toBe(6)
  })

  it('keeps each part together while its delegate takes time and the bytes drip', async () => {
    await using origin = await startOrigin()
    origin.split = 3
    serve(origin, whole.replace(/--the seam--\r\n$/, '') + whole, 'chunked')
    const slow = recordedSession({}, {didReceiveResponse: () => sleep(1).then(() => 'allow' as const)})
    expect((await slow.get(origin.url('/'))).body.toString()).toBe('onetwoonetwo')
  })

  it('is decoded before it is taken apart', async () => {
    await using origin = await startOrigin()
    const fields = {...type, 'content-encoding': 'gzip'}
    origin.on('/', (_request, reply) => reply.respond(200, fields, gzipSync(whole)))
    expect((await recordedSession().get(origin.url('/'))).body.toString()).toBe('onetwo')
  })

  it('may be ended by its delegate at a part, which cannot become a download', async () => {
    await using origin = await startOrigin()
    serve(origin, whole)
    const ended = recordedSession(
      {},
      {didReceiveResponse: (_task, {part}) => (part === 2 ? 'cancel' : 'allow')}
    )
    const {outcome, body} = await ended.get(origin.url('/'))
    expect(outcome.state).toBe('cancelled')
    expect(body.toString()).toBe('one')
    const becoming = recordedSession(
      {},
      {didReceiveResponse: (_task, {part}) => (part ? 'becomeDownload' : 'allow')}
    )
    expect((await becoming.get(origin.url('/'))).body.toString()).toBe('onetwo')
  })

  it.each([
    ['within a part', partOf('one') + partOf('two').slice(0, -4), 'failed', 'onet'],
    ['after a part of an announced length', '--the seam\r\nContent-Length: 3\r\n\r\none', 'completed', 'one'],
    ['after a boundary', `${partOf('one')}--the seam\r\n`, 'completed', 'one'],
    ['before the first part', 'no part', 'completed', '']
  ])('that ends %s is %3$s', async (_where, body, state, text) => {
    await using origin = await startOrigin()
    serve(origin, body)
    const received = await recordedSession().get(origin.url('/'))
    expect(received.outcome.state).toBe(state)
    expect(received.body.toString()).toBe(text)
    if (state === 'failed') expect(received.outcome.error?.code).toBe('TRANSFER_TRUNCATED')
  })

  it('with a head of a part that never ends is refused', async () => {
    await using origin = await startOrigin()
    serve(origin, `--the seam\r\n${'X: y\r\n'.repeat(10_000)}`)
    expect((await recordedSession().get(origin.url('/'))).outcome.error?.code).toBe('HEADERS_TOO_LARGE')
  })

  it('without a boundary that could be one is content like any other', async () => {
    await using origin = await startOrigin()
    origin.on('/', (_request, reply) =>
      reply.respond(200, {'content-type': 'multipart/x-mixed-replace'}, whole)
    )
    expect((await recordedSession().get(origin.url('/'))).body.toString()).toBe(whole)
  })
})

describe('A download of content that replaces itself', () => {
  it.each([
    ['is whole', whole, 'length', 'two'],
    ['is cut within a part', partOf('one') + partOf('two').slice(0, -4), 'close', 'one'],
    [
      'replaces much by little',
      `--the seam\n\n${'x'.repeat(200_000)}\n--the seam\n\nsmall\n--the seam--`,
      'chunked',
      'small'
    ]
  ] as const)('keeps the last whole part where it %s [R54]', async (_how, body, framing, kept) => {
    const stage = await openStage()
    stage.origin.serve('/F', {body, framing, headers: type, entityTag: '"v1"'})
    expect(await stage.download()).toMatchObject({state: 'completed', path: stage.target})
    expect(readFileSync(stage.target, 'utf8')).toBe(kept)
    expect(stage.files).toEqual(['F'])
  })

  it('has no file without a whole part', async () => {
    const stage = await openStage()
    stage.origin.serve('/F', {body: partOf('one').slice(0, -4), headers: type})
    expect(await stage.download()).toMatchObject({state: 'failed', error: {code: 'TRANSFER_TRUNCATED'}})
    expect(stage.files).toEqual([])
  })

  it('cannot be paused for later: nothing could be continued', async () => {
    const stage = await openStage()
    const body = `${partOf('x'.repeat(300_000))}${partOf('two')}`
    const gate = Promise.withResolvers<void>()
    stage.origin.serve('/F', {
      body,
      headers: type,
      entityTag: '"v1"',
      fault: {holdAfter: {bytes: 310_000, until: gate.promise}}
    })
    const task = stage.start()
    await stage.origin.untilRequests(1)
    await sleep(100)
    expect(task.isResumable).toBe(false)
    expect(await task.cancelByProducingResumeData('cancel')).toBeUndefined()
    gate.resolve()
    expect(stage.files).toEqual([])
  })

  it('leaves nothing to continue where its file cannot get its name', async () => {
    const stage = await openStage()
    const gate = Promise.withResolvers<void>()
    const fault = {holdAfter: {bytes: 1, until: gate.promise}}
    stage.origin.serve('/F', {body: whole, headers: type, entityTag: '"v1"', fault})
    const task = stage.start()
    await stage.origin.untilRequests(1)
    await sleep(100)
    mkdirSync(stage.target)
    gate.resolve()
    const outcome = await task.outcome
    expect(outcome.error?.code).toBe('WRITE_FAILED')
    expect(outcome.resumeData).toBeUndefined()
    expect(stage.files).toEqual(['F'])
  })

  it('whose part is larger than allowed is refused, however small the last one is', async () => {
    const stage = await openStage({configuration: {limits: {maxFileSize: 100}}})
    stage.origin.serve('/F', {body: partOf('x'.repeat(101)) + whole, headers: type})
    expect(await stage.download()).toMatchObject({error: {code: 'FILE_TOO_LARGE'}})
    stage.origin.serve('/F', {body: whole.padEnd(500), headers: type})
    expect(await stage.download()).toMatchObject({state: 'completed'})
  })
})
