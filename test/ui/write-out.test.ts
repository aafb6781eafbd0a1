import {describe, expect, it} from 'vitest'
import {TransferError} from '../../src/engine/transfer-error.ts'
import {recordWriter} from '../../src/ui/task-record.ts'
import {formatWriteOut} from '../../src/ui/write-out.ts'
import {HandMovedTask, Script} from './task-double.ts'
import {transaction} from './transaction.ts'

const record = recordWriter({exitCode: () => 22, sessionName: 'shared'})

function finished(error?: TransferError) {
  const {task} = new Script({}, new HandMovedTask('t1', 'http://user:word@127.0.0.1/f?page=1')).start(1000)
  task.response = {
    url: new URL('http://127.0.0.1/g?sig=abc'),
    status: error ? 404 : 200,
    statusText: 'OK',
    headers: [
      ['content-type', 'text/plain'],
      ['etag', '"v1"\x1B']
    ],
    expectedContentLength: 1000
  }
  task.metrics = {
    taskInterval: {start: 1000, end: 3000},
    redirectCount: 1,
    transactionMetrics: [
      transaction(1000, {status: 302, countOfResponseBodyBytesReceived: 0}),
      transaction(1200)
    ]
  }
  task.countOfBytesReceived = 500
  task.path = '/downloads/f'
  task.end(error ? {state: 'failed', error} : {state: 'completed', path: '/downloads/f'})
  task.started = 1000
  task.ended = 3000
  return {task, record: record(task)}
}

describe('--write-out', () => {
  it.each([
    ['%{http_code} %{response_code}\\n', '200 200\n'],
    ['%{size_download} %{speed_download} %{time_total}', '500 250 2.000000'],
    ['%{time_namelookup} %{time_connect} %{time_appconnect}', '0.002000 0.006000 0.000000'],
    ['%{time_pretransfer} %{time_starttransfer} %{time_redirect}', '0.008000 0.020000 0.200000'],
    ['%{num_redirects} %{num_connects}', '1 2'],
    ['%{url} %{url_effective}', 'http://127.0.0.1/f?page=1 http://127.0.0.1/g?sig=abc'],
    ['%{filename_effective}|%{content_type}', '/downloads/f|text/plain'],
    ['%{remote_ip}:%{remote_port} %{scheme} %{http_version}', '127.0.0.1:8080 http 1.1'],
    ['%{method} %{exitcode} [%{errormsg}]', 'GET 0 []'],
    ['%header{ETag}', '"v1"^['],
    ['%header{absent}', ''],
    ['%{unknown}%{}', ''],
    ['100%% %d \\t|\\r\\x', '100% %d \t|\r\\x'],
    ['%{http_code', '%{http_code'],
    ['plain', 'plain'],
    ['%{onerror}%{http_code}', '']
  ])('fills %j with %j', (format, text) => {
    expect(formatWriteOut(format, finished())).toEqual({stdout: text, stderr: ''})
  })

  it('changes the stream where the format says so', () => {
    expect(formatWriteOut('a%{stderr}b%{stdout}c', finished())).toEqual({stdout: 'ac', stderr: 'b'})
  })

  it('tells the error of a failed task', () => {
    const facts = finished(new TransferError('HTTP_STATUS', 'Not found'))
    expect(formatWriteOut('%{onerror}%{exitcode} %{errormsg} %{http_code}', facts).stdout).toBe(
      '22 Not found 404'
    )
  })

  it('gives the record and the variables as one object', () => {
    expect(JSON.parse(formatWriteOut('%{json}', finished()).stdout)).toMatchObject({
      id: 't1',
      state: 'completed',
      http_code: 200,
      num_redirects: 1,
      time_total: 2
    })
  })

  it('writes 000 where no response came', () => {
    const {task} = new Script({}, new HandMovedTask('t1', 'http://127.0.0.1/f')).start()
    task.end({state: 'cancelled'})
    expect(formatWriteOut('%{http_code} %{remote_ip}', {task, record: record(task)}).stdout).toBe('000 ')
  })
})
