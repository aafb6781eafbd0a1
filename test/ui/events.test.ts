import {describe, expect, it} from 'vitest'
import {TransferError} from '../../src/engine/transfer-error.ts'
import type {
  DataTask,
  DownloadTask,
  ProtectionSpace,
  Session,
  Task,
  URLResponse
} from '../../src/engine/index.ts'
import {eventDelegate} from '../../src/ui/events.ts'
import {HandMovedTask, Script} from './task-double.ts'
import {transaction} from './transaction.ts'
import {canary} from '../canary/canary.ts'

const proposedSecret = canary('proposed')

const context = {exitCode: () => 22, sessionName: 'shared'}
const secretUrl = 'https://user:word@127.0.0.1/f.bin?token=abc'

function response(status = 200): URLResponse {
  return {
    url: new URL(secretUrl),
    status,
    statusText: 'OK',
    headers: [
      ['etag', '"v1"'],
      ['set-cookie', 'id=abc'],
      ['via', 'one'],
      ['via', 'two\x1B[2J']
    ],
    expectedContentLength: 10
  }
}

function eventLog() {
  const lines: string[] = []
  const delegate = eventDelegate({...context, write: line => lines.push(line)})
  const events = () => lines.map(line => JSON.parse(line) as Record<string, unknown>)
  return {lines, events, delegate}
}

describe('events', () => {
  it('tell the life of a download in order, each on a line of its own, numbered without gaps', () => {
    const {lines, events, delegate} = eventLog()
    const script = new Script(delegate, new HandMovedTask('t1', secretUrl)).start(10)
    script.wait({reason: 'retry', delay: 500})
    script.task.enter('running')
    script.task.response = response()
    expect(delegate.didReceiveResponse?.(script.task, response())).toBe('allow')
    script.resumeAt(4)
    delegate.didWriteData?.(script.task, {
      bytesWritten: 6,
      totalBytesWritten: 10,
      totalBytesExpectedToWrite: 10
    })
    script.finish('/downloads/f.bin')
    const metrics = {taskInterval: {start: 1, end: 2}, redirectCount: 0, transactionMetrics: []}
    delegate.didFinishCollectingMetrics?.(script.task, metrics)
    script.end({state: 'completed', path: '/downloads/f.bin'})
    delegate.didBecomeInvalidWithError?.({} as Session, undefined)
    const head = {v: 1, session: 'shared', task: 't1'}
    expect(events()).toMatchObject([
      {
        ...head,
        event: 'task.created',
        kind: 'download',
        url: expect.not.stringMatching(/word|abc/) as string
      },
      {...head, event: 'task.started', attempt: 1},
      {...head, event: 'task.waiting', reason: 'retry', delayMs: 500},
      {...head, event: 'task.response', status: 200, part: null},
      {...head, event: 'task.resumed', offset: 4, expectedTotal: 10, reason: 'unchanged'},
      {...head, event: 'task.progress', direction: 'receive', bytes: 6, total: 10, expected: 10},
      {...head, event: 'task.finished', path: '/downloads/f.bin'},
      {...head, event: 'task.metrics', redirectCount: 0, transactions: []},
      {...head, event: 'task.completed', state: 'completed', error: null, resumeData: null},
      {v: 1, session: 'shared', task: null, event: 'session.invalidated', error: null}
    ])
    expect(events().map(event => event['seq'])).toEqual(lines.map((_line, index) => index))
    for (const {time} of events()) expect(new Date(String(time)).toISOString()).toBe(time)
    expect(lines.join('')).not.toMatch(/\n|word|abc/)
  })

  it('give headers by name, joined where repeated, with secrets masked and controls escaped', () => {
    const {events, delegate} = eventLog()
    void delegate.didReceiveResponse?.(new HandMovedTask('t1', secretUrl), response())
    expect(events()[0]).toMatchObject({
      headers: {etag: '"v1"', 'set-cookie': '***', via: 'one, two^[[2J'}
    })
  })

  it('say how a task failed, and what resume data a paused one left', () => {
    const {events, delegate} = eventLog()
    const failed = new Script(delegate, new HandMovedTask('t1', secretUrl)).start()
    failed.end({state: 'failed', error: new TransferError('HTTP_STATUS', 'No \x1B[31m')})
    const paused = new Script(delegate, new HandMovedTask('t2', secretUrl)).start()
    paused.end({state: 'paused', resumeData: '/downloads/f.bin.ferry'})
    expect(events().filter(({event}) => event === 'task.completed')).toMatchObject([
      {
        task: 't1',
        state: 'failed',
        error: {code: 'HTTP_STATUS', message: 'No ^[[31m', exitCode: 22},
        response: null
      },
      {task: 't2', state: 'paused', error: null, resumeData: '/downloads/f.bin.ferry'}
    ])
  })

  it('describe redirections with both ends, and the phases of each request in milliseconds', () => {
    const {events, delegate} = eventLog()
    const task = new HandMovedTask('t1', secretUrl)
    const request = {url: new URL('http://127.0.0.1/next?sig=abc'), method: 'GET', headers: []}
    delegate.didDecideRedirection?.(task, {response: response(302), request, decision: 'follow'})
    delegate.didFinishCollectingMetrics?.(task, {
      taskInterval: {start: 1000, end: 1100},
      redirectCount: 1,
      transactionMetrics: [
        transaction(1000, {url: secretUrl, secureConnectionStart: 1003, secureConnectionEnd: 1004})
      ]
    })
    expect(events()).toMatchObject([
      {event: 'task.redirect', status: 302, to: 'http://127.0.0.1/next?sig=***', decision: 'follow'},
      {
        event: 'task.metrics',
        start: '1970-01-01T00:00:01.000Z',
        end: '1970-01-01T00:00:01.100Z',
        redirectCount: 1,
        transactions: [
          {
            ...{dns: 1, connect: 2, tls: 1, request: 6, response: 90, bytes: 500},
            ...{protocol: 'http/1.1', reused: false, proxy: false, fetchType: 'networkLoad'},
            ...{requestHeaderBytes: 80, requestBodyBytes: 0, responseHeaderBytes: 120},
            ...{localAddress: '127.0.0.1', localPort: 50000, tlsVersion: null, tlsCipher: null},
            moments: {
              fetchStart: '1970-01-01T00:00:01.000Z',
              secureConnectionEnd: '1970-01-01T00:00:01.004Z',
              responseEnd: '1970-01-01T00:00:01.100Z'
            }
          }
        ]
      }
    ])
    expect(JSON.stringify(events())).not.toMatch(/word|abc/)
  })

  it('tell of a challenge and of an answer that could be kept: what was decided, and nothing secret or raw', () => {
    const {events, delegate} = eventLog()
    const task: Task = new HandMovedTask('t1', secretUrl)
    const protectionSpace: ProtectionSpace = {
      protocol: 'http',
      host: '127.0.0.1',
      port: 80,
      realm: 'our\u202Erealm\x1B]0;',
      method: 'Basic',
      isProxy: false
    }
    delegate.didDecideChallenge?.(task, {
      scope: 'task',
      protectionSpace,
      proposedCredential: {kind: 'password', user: 'ana', password: proposedSecret},
      previousFailureCount: 1,
      failureResponse: response(401),
      error: undefined,
      disposition: 'useCredential'
    })
    delegate.didDecideCaching?.(task as DataTask, {response: response(), size: 10, decision: 'memory'})
    const space = {method: 'Basic', realm: 'our\\u{202e}realm^[]0;', host: '127.0.0.1', port: 80}
    const decided = {scope: 'task', previousFailureCount: 1, disposition: 'useCredential', error: null}
    expect(events()).toMatchObject([
      {event: 'task.challenge', task: 't1', ...space, ...decided},
      {event: 'cache.willStore', task: 't1', decision: 'memory', size: 10}
    ])
    expect(JSON.stringify(events())).not.toMatch(/word|abc|canary/)
  })

  it('carry the bytes of a data task, and say which file it became', () => {
    const {events, delegate} = eventLog()
    const download = new HandMovedTask('t2', secretUrl)
    download.path = '/downloads/f.bin'
    const task: Task = new HandMovedTask('t1', secretUrl)
    delegate.didReceiveData?.(task as DataTask, Uint8Array.of(255, 0, 1))
    delegate.didBecomeDownload?.(task as DataTask, download as Task as DownloadTask)
    expect(events()).toMatchObject([
      {event: 'task.data', task: 't1', base64: '/wAB'},
      {event: 'task.becameDownload', task: 't1', path: '/downloads/f.bin'}
    ])
  })
})
