import {describe, expect, it} from 'vitest'
import type {SessionDelegate, UploadSource, URLResponse} from '../../src/engine/index.ts'
import {combineDelegates} from '../../src/ui/delegates.ts'
import {eventDelegate} from '../../src/ui/events.ts'
import {headsDelegate} from '../../src/ui/heads.ts'
import {recordWriter} from '../../src/ui/task-record.ts'
import {formatWriteOut} from '../../src/ui/write-out.ts'
import {canary} from '../canary/canary.ts'
import {transaction} from './transaction.ts'
import {UploadScript} from './upload-script.ts'

const context = {exitCode: () => 22, sessionName: 'shared'}
const capability = canary('upload-address')
const echoed = canary('a header that the server repeats')

function answer(): URLResponse {
  return {
    url: new URL('https://127.0.0.1/photos/new?token=abc'),
    status: 201,
    statusText: 'Created',
    headers: [
      ['location', '/photos/7?sig=abc'],
      ['via', 'one'],
      ['via', `two ${echoed}`]
    ],
    expectedContentLength: 0
  }
}

describe('the record of an upload', () => {
  const record = recordWriter(context)

  it('counts what was sent of the whole, names the file and has no path', () => {
    const {task} = new UploadScript({}).start(100).resumeAt(40).send(70)
    task.countOfBytesReceived = 12
    task.resumeData = '/state/uploads/7.ferry'
    task.restarted = true
    expect(record(task)).toMatchObject({
      kind: 'upload',
      path: null,
      bytes: 70,
      total: 100,
      resumedFrom: 40,
      restarted: true,
      resumeData: '/state/uploads/7.ferry',
      source: '/photos/garden.raw',
      headers: null
    })
  })

  it('has the fields of the answer, joined where repeated, without secrets, also those that come back', () => {
    const {task} = new UploadScript({}).start(1)
    task.noteSecrets([echoed])
    task.response = answer()
    expect(record(task)).toMatchObject({
      status: 201,
      headers: {location: '/photos/7?sig=***', via: 'one, two ***'}
    })
  })

  it('shows no address that lets others write to the upload, but the one that the user gave', () => {
    const {task} = new UploadScript({}).start(1)
    task.noteSecrets([capability])
    task.response = {...answer(), url: new URL(`https://127.0.0.1/uploads/${capability}`)}
    expect(record(task)).toMatchObject({
      url: 'https://127.0.0.1/photos/new?token=***',
      finalUrl: 'https://127.0.0.1/uploads/***'
    })
  })

  it('calls standard input by its name on the command line, a copy of it too, and data nothing', () => {
    const sourceOf = (source: UploadSource) => record(new UploadScript({}, source).task).source
    expect(sourceOf({kind: 'stream'})).toBe('-')
    expect(sourceOf({kind: 'file', path: '/state/spool/1', lifetime: 'task'})).toBe('-')
    expect(sourceOf({kind: 'data', data: new Uint8Array(1)})).toBeNull()
  })
})

describe('the events of an upload', () => {
  it('tell why a body is read, and how far the sending is', () => {
    const lines: string[] = []
    const delegate = eventDelegate({...context, write: line => lines.push(line)})
    const script = new UploadScript(delegate).start(10)
    delegate.didNeedNewBody?.(script.task, 'redirect')
    script.tell({bytesSent: 4, totalBytesSent: 4, totalBytesExpectedToSend: 10})
    script.tell({bytesSent: 6, totalBytesSent: 10, totalBytesExpectedToSend: undefined})
    expect(lines.map(line => JSON.parse(line) as unknown)).toMatchObject([
      {event: 'task.created', kind: 'upload'},
      {event: 'task.started'},
      {event: 'task.needNewBody', task: 'u1', reason: 'redirect'},
      {event: 'task.progress', direction: 'send', bytes: 4, total: 4, expected: 10},
      {event: 'task.progress', direction: 'send', bytes: 6, total: 10, expected: null}
    ])
  })
})

it('the heads of an upload hide where it is kept, also before it is known that this is a secret', () => {
  const lines: string[] = []
  const {didSendHead, didReceiveHead} = headsDelegate(line => lines.push(line))
  const {task} = new UploadScript({}).start(1)
  const kept = new URL(`https://127.0.0.1/uploads/${capability}`)
  didReceiveHead?.(task, {
    ...answer(),
    headers: [
      ['tus-resumable', '1.0.0'],
      ['location', kept.href]
    ]
  })
  expect(lines).toContain('< location: https://127.0.0.1/uploads/***')
  task.noteSecrets([capability])
  didSendHead?.(task, {url: kept, method: 'PATCH', headers: []})
  expect(lines).toContain('> PATCH /uploads/*** HTTP/1.1')
  didReceiveHead?.(task, {...answer(), headers: [['location', '/photos/7']]})
  expect(lines).toContain('< location: /photos/7')
})

it.each([
  [`/uploads/${capability}/content`, '/uploads/***/***'],
  [`https://127.0.0.1:8443/uploads/${capability}/`, 'https://127.0.0.1:8443/uploads/***/'],
  [`//127.0.0.1/u/short?key=${capability}`, '//127.0.0.1/u/***?***']
])('an upload that is kept at %s is shown as %s', (location, shown) => {
  const lines: string[] = []
  const {task} = new UploadScript({}).start(1)
  const headers = [
    ['tus-resumable', '1.0.0'],
    ['location', location]
  ] as const
  headsDelegate(line => lines.push(line)).didReceiveHead?.(task, {...answer(), headers})
  expect(lines).toContain(`< location: ${shown}`)
})

describe('several delegates as one', () => {
  const {task} = new UploadScript({})
  const stream = {async *[Symbol.asyncIterator]() {}}

  it('give the stream of the first that has one, and none where nobody has', async () => {
    const without: SessionDelegate = {needNewBodyStream: () => undefined}
    const withOne: SessionDelegate = {needNewBodyStream: async () => stream}
    const never: SessionDelegate = {
      needNewBodyStream: () => {
        throw new Error('was asked although there was a stream')
      }
    }
    expect(await combineDelegates({}, without, withOne, never).needNewBodyStream?.(task, 'initial')).toBe(
      stream
    )
    expect(await combineDelegates(without).needNewBodyStream?.(task, 'retry')).toBeUndefined()
    expect(combineDelegates({}).needNewBodyStream).toBeUndefined()
  })

  it('hear of bytes and bodies all together, and are not there for bytes where none listens', () => {
    const heard: string[] = []
    const listener = (name: string): SessionDelegate => ({
      didNeedNewBody: (_task, reason) => heard.push(`${name} ${reason}`),
      didSendBodyData: (_task, {totalBytesSent}) => heard.push(`${name} ${totalBytesSent}`)
    })
    const combined = combineDelegates(listener('a'), {}, listener('b'))
    combined.didNeedNewBody?.(task, 'challenge')
    combined.didSendBodyData?.(task, {bytesSent: 1, totalBytesSent: 7, totalBytesExpectedToSend: 9})
    expect(heard).toEqual(['a challenge', 'b challenge', 'a 7', 'b 7'])
    expect(combineDelegates({}).didSendBodyData).toBeUndefined()
  })
})

it("curl's variables of an upload count the bodies of all its requests, those that were sent again too", () => {
  const {task} = new UploadScript({}).start(100).send(100)
  task.metrics = {
    taskInterval: {start: 0, end: 2000},
    redirectCount: 0,
    transactionMetrics: [
      transaction(0, {status: 401, countOfRequestBodyBytesSent: 30, countOfResponseBodyBytesReceived: 0}),
      transaction(1000, {
        requestEnd: 1050,
        countOfRequestBodyBytesSent: 100,
        countOfResponseBodyBytesReceived: 7
      })
    ]
  }
  const record = {...recordWriter(context)(task), durationMs: 2000}
  const format = '%{size_upload} %{speed_upload} %{size_download} %{speed_download}'
  expect(formatWriteOut(format, {task, record}).stdout).toBe('130 65 7 4')
})
