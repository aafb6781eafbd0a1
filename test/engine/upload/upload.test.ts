import {describe, expect, it} from 'vitest'
import {echo, respond} from '../../origin/handlers.ts'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {fileOf, onceStreaming, openSending} from './sending.ts'

const body = seededBytes(16_384, 4)
const data = {kind: 'data', data: body} as const

describe('an upload in one request', () => {
  it('sends a file as the body of a PUT, with its length and no Content-Type, and ends with the answer', async () => {
    const {origin, recorded, send} = await openSending({uploads: {resumable: 'none'}})
    origin.on('/U', respond(201, {'content-type': 'text/plain'}, 'stored'))
    const {task, outcome} = await send(fileOf(body))
    expect(outcome).toMatchObject({state: 'completed', response: {status: 201}})
    const [request] = origin.requests
    expect(request?.method).toBe('PUT')
    expect(request?.body).toEqual(body)
    expect(request?.header('content-length')).toBe('16384')
    expect(request?.header('content-type')).toBeUndefined()
    expect(recorded.body(task).toString()).toBe('stored')
  })

  it('tells its progress before the response, and last of all the whole length [R44]', async () => {
    const {origin, recorded, send, progress} = await openSending()
    origin.on('/U', respond(200, {}, 'thanks'))
    const {task} = await send(data)
    expect(progress(task).at(-1)).toMatchObject({totalBytesSent: 16_384, totalBytesExpectedToSend: 16_384})
    expect(recorded.order(task)).toEqual([
      'didCreateTask',
      'didStartTask',
      'didSendBodyData',
      'didReceiveResponse',
      'didReceiveData',
      'didFinishCollectingMetrics',
      'didCompleteWithError'
    ])
  })

  it('counts 16 KiB sent for a PUT of 16 KiB [3A 55]', async () => {
    const {origin, send, progress} = await openSending()
    origin.on('/U', respond(200))
    const {task} = await send(data)
    expect(progress(task).at(-1)?.totalBytesSent).toBe(16_384)
    expect(task.countOfBytesSent).toBe(16_384)
  })

  it('asks the delegate for a stream, then tells progress, then the response [3A 79]', async () => {
    const {origin, recorded, send, progress} = await openSending({}, onceStreaming([body]))
    origin.on('/U', echo)
    const {task, outcome} = await send({kind: 'stream'}, {method: 'POST'})
    expect(outcome.state).toBe('completed')
    expect(recorded.order(task).slice(2, 5)).toEqual([
      'didNeedNewBody',
      'didSendBodyData',
      'didReceiveResponse'
    ])
    expect(progress(task).at(-1)).toMatchObject({
      totalBytesSent: 16_384,
      totalBytesExpectedToSend: undefined
    })
  })

  it('asks for a stream once, and sends it in chunks [R43]', async () => {
    const {origin, recorded, send} = await openSending(
      {},
      onceStreaming([body.subarray(0, 5), body.subarray(5)])
    )
    origin.on('/U', respond(200))
    const {task} = await send({kind: 'stream'})
    expect(recorded.calls.filter(call => call.name === 'didNeedNewBody')).toMatchObject([
      {task, value: 'initial'}
    ])
    expect(origin.requests[0]?.header('transfer-encoding')).toBe('chunked')
    expect(origin.requests[0]?.body).toEqual(body)
  })

  it.each(['PUT', 'POST', 'DELETE'])('sends a stream with the method %s [3A 9]', async method => {
    const {origin, recorded, send} = await openSending({}, onceStreaming([Buffer.from('content')]))
    origin.on('/U', echo)
    const {task, outcome} = await send({kind: 'stream'}, {method})
    expect(outcome.state).toBe('completed')
    expect(JSON.parse(recorded.body(task).toString())).toMatchObject({method, body: 'content'})
  })

  it.each(['GET', 'HEAD'])(
    'refuses to send anything with %s, before anybody is asked [3A 9]',
    async method => {
      const {origin, send} = await openSending()
      const {outcome} = await send(data, {method})
      expect(outcome).toMatchObject({state: 'failed', error: {code: 'USAGE'}})
      expect(origin.connections).toBe(0)
    }
  )

  it.each([
    {
      case: 'a POST of data is a form in the URL',
      method: 'POST',
      headers: [],
      type: 'application/x-www-form-urlencoded'
    },
    {case: 'a PUT of data has no type', method: 'PUT', headers: [], type: undefined},
    {
      case: 'a type that was given stays',
      method: 'POST',
      headers: [['content-type', 'text/x']],
      type: 'text/x'
    },
    {
      case: 'a type that was taken away stays away',
      method: 'POST',
      headers: [['Content-Type', '']],
      type: undefined
    }
  ] as const)('says what the body is: $case', async ({method, headers, type}) => {
    const {origin, send} = await openSending()
    origin.on('/U', respond(200))
    await send(data, {method, headers})
    expect(origin.requests[0]?.header('content-type')).toBe(type)
  })
})
