import {expect, it} from 'vitest'
import type {RequestBody} from '../../src/engine/request-body.ts'
import {headsDelegate} from '../../src/ui/heads.ts'
import {HandMovedTask} from './task-double.ts'

const task = new HandMovedTask('t1', 'http://127.0.0.1/f')

it('shows the head of a request without its secrets', () => {
  const lines: string[] = []
  headsDelegate(line => lines.push(line)).didSendHead?.(task, {
    url: new URL('http://user:word@127.0.0.1:8080/f?token=abc&page=2#part'),
    method: 'GET',
    headers: [
      ['accept', '*/*'],
      ['Authorization', 'Bearer abc']
    ]
  })
  expect(lines).toEqual([
    '> GET /f?token=***&page=2 HTTP/1.1',
    '> host: 127.0.0.1:8080',
    '> accept: */*',
    '> Authorization: Bearer ***',
    '>'
  ])
})

it.each([
  {length: 5, line: '> Content-Length: 5'},
  {length: undefined, line: '> Transfer-Encoding: chunked'}
])('says how content of the length $length goes, as it is written for it', ({length, line}) => {
  const lines: string[] = []
  const body: RequestBody = {
    length,
    reason: 'initial',
    open: () => ({close: () => {}, async *[Symbol.asyncIterator]() {}}),
    again: () => body
  }
  headsDelegate(each => lines.push(each)).didSendHead?.(task, {
    url: new URL('http://127.0.0.1/f'),
    method: 'PUT',
    headers: [['accept', '*/*']],
    body
  })
  expect(lines).toEqual(['> PUT /f HTTP/1.1', '> host: 127.0.0.1', '> accept: */*', line, '>'])
})

it('shows the head of a response without its secrets and with control characters escaped', () => {
  const lines: string[] = []
  headsDelegate(line => lines.push(line)).didReceiveHead?.(task, {
    url: new URL('http://127.0.0.1/f'),
    status: 200,
    statusText: 'OK\x1B[2J',
    headers: [
      ['set-cookie', 'id=abc'],
      ['server', 'x\u202Ey']
    ],
    expectedContentLength: 1
  })
  expect(lines).toEqual(['< HTTP/1.1 200 OK^[[2J', '< set-cookie: ***', '< server: x\\u{202e}y', '<'])
})
