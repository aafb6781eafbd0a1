import {createHash} from 'node:crypto'
import {existsSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {redirect} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Fault, Resource} from '../origin/resource.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

const body = seededBytes(2000, 1)
const file: Resource & {body: Buffer} = {body, entityTag: '"v1"'}
const faulty = (fault: Fault): Resource => ({...file, fault})
const sha256 = createHash('sha256').update(body).digest('hex')
let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', file)
})
afterAll(() => origin.close())

describe('exit code 0', () => {
  it('is for a file that is there now', async () => {
    const cwd = scratchFolder()
    expect(await runFerry(['get', origin.url('/F')], {cwd})).toMatchObject({code: 0})
    expect(statSync(join(cwd, 'F')).size).toBe(2000)
  })

  it('is for a file that was complete already: not a byte is asked for', async () => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'done'), body)
    origin.serve('/done', file)
    const run = await runFerry(['get', '-o', 'done', '--sha256', sha256, origin.url('/done')], {cwd})
    expect(run).toMatchObject({code: 0, stdout: `${join(cwd, 'done')}\n`})
    expect(run.stderr).toContain('already complete')
    expect(origin.requestsOf('/done')).toHaveLength(0)
  })

  it('is for what the server says has not been modified, and the file stays', async () => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'F'), 'mine')
    writeFileSync(join(cwd, 'tag'), '"v1"\n')
    const run = await runFerry(['get', '-o', 'F', '--etag-compare', 'tag', origin.url('/F')], {cwd})
    expect(run).toMatchObject({code: 0})
    expect(run.stderr).toContain('not modified')
    expect(statSync(join(cwd, 'F')).size).toBe(4)
  })

  it('is for a file that was skipped because its name is taken', async () => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'F'), 'mine')
    const run = await runFerry(['get', '--if-exists', 'skip', origin.url('/F')], {cwd})
    expect(run).toMatchObject({code: 0})
    expect(run.stderr).toContain('skipped')
    expect(statSync(join(cwd, 'F')).size).toBe(4)
  })
})

interface Row {
  readonly exit: number
  readonly code: string
  readonly when: string
  readonly resource: Resource
  readonly args?: readonly string[]
  /** What stays beside the target: what can be continued. */
  readonly left?: readonly string[]
}

const keeping = ['F.ferry', 'F.part']
const rows: readonly Row[] = [
  {
    exit: 8,
    code: 'REPLY_MALFORMED',
    when: 'the answer is no HTTP',
    resource: faulty({lie: 'junkStatusLine'})
  },
  {
    exit: 8,
    code: 'REPLY_MALFORMED',
    when: 'early hints never end [fault 12]',
    resource: faulty({informational: 'endless'})
  },
  {
    exit: 18,
    code: 'TRANSFER_TRUNCATED',
    when: 'the transfer ends early and no retries are left',
    resource: faulty({cutAfter: 700}),
    left: keeping
  },
  {exit: 22, code: 'HTTP_STATUS', when: 'the status is 404', resource: faulty({status: 404})},
  {exit: 22, code: 'HTTP_STATUS', when: 'the status is 500', resource: faulty({status: 500})},
  {
    exit: 28,
    code: 'TIMED_OUT',
    when: 'no byte arrives for the idle timeout',
    resource: faulty({stallAfter: 700}),
    args: ['--idle-timeout', '0.2'],
    left: keeping
  },
  {
    exit: 28,
    code: 'TIMED_OUT',
    when: 'the whole task takes too long',
    resource: faulty({stallAfter: 700}),
    args: ['-m', '0.3'],
    left: keeping
  },
  {
    exit: 28,
    code: 'TIMED_OUT',
    when: 'the transfer is too slow',
    resource: faulty({drip: {bytes: 1, everyMs: 20}}),
    args: ['-Y', '10k', '-y', '0.3'],
    left: keeping
  },
  {
    exit: 47,
    code: 'TOO_MANY_REDIRECTS',
    when: 'redirections go on and on [fault 41]',
    resource: faulty({redirect: {status: 302, location: '/row'}})
  },
  {
    exit: 52,
    code: 'EMPTY_REPLY',
    when: 'the server hangs up without a word',
    resource: faulty({lie: 'emptyReply'})
  },
  {
    exit: 56,
    code: 'RECEIVE_FAILED',
    when: 'the connection breaks',
    resource: faulty({resetAfter: 700}),
    left: keeping
  },
  {
    exit: 61,
    code: 'CONTENT_CODING',
    when: 'compressed content is cut short',
    resource: {body: gzipSync(body).subarray(0, 900), headers: {'content-encoding': 'gzip'}},
    args: ['--compressed']
  },
  {
    exit: 63,
    code: 'FILE_TOO_LARGE',
    when: 'the file is larger than allowed',
    resource: file,
    args: ['--max-filesize', '1k']
  },
  {
    exit: 100,
    code: 'HEADERS_TOO_LARGE',
    when: 'the header never ends [fault 40]',
    resource: faulty({headerFlood: {lines: 6000}})
  },
  {
    exit: 110,
    code: 'CHECKSUM_MISMATCH',
    when: 'the content has another checksum',
    resource: file,
    args: ['--sha256', '0'.repeat(64)]
  }
]

describe('an answer that is of no use', () => {
  it.each(rows)('ends with $exit $code when $when', async ({exit, code, resource, args = [], left = []}) => {
    const cwd = scratchFolder()
    origin.serve('/row', resource)
    const url = origin.url('/row')
    const run = await runFerry(['get', '--retry', '0', '-o', 'F', ...args, url], {cwd})
    expect(run, run.stderr).toMatchObject({code: exit, stdout: ''})
    expect(explanation(run)).toMatchObject({failed: `GET ${url}`, code})
    expect(readdirSync(cwd).toSorted()).toEqual(left)
  })

  it('leaves the file that was there as it was, whatever is wrong', async () => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'F'), 'mine')
    origin.serve('/bad', faulty({status: 403}))
    expect(await runFerry(['get', '-o', 'F', origin.url('/bad')], {cwd})).toMatchObject({code: 22})
    expect(statSync(join(cwd, 'F')).size).toBe(4)
  })
})

describe('an answer that can be continued', () => {
  it.each([
    [
      'RESOURCE_CHANGED',
      'the resource has changed',
      {...file, body: seededBytes(2000, 2), entityTag: '"v2"'}
    ],
    ['RANGE_REFUSED', 'the server does not honour ranges any more', {...file, ranges: 'ignored'}]
  ] as const)('ends with 33 %s when %s and it must not restart', async (code, _when, later) => {
    const cwd = scratchFolder()
    origin.serve('/33', faulty({cutAfter: 700}))
    const args = ['get', '--retry', '0', '--no-restart', '-o', 'F', origin.url('/33')]
    const options = {cwd, env: {FERRY_HOME: scratchFolder()}}
    expect(await runFerry(args, options)).toMatchObject({code: 18})
    origin.change('/33', later)
    const run = await runFerry(args, options)
    expect(run, run.stderr).toMatchObject({code: 33})
    expect(explanation(run)).toMatchObject({failed: `GET ${origin.url('/33')}`, code})
    expect(existsSync(join(cwd, 'F'))).toBe(false)
    expect(statSync(join(cwd, 'F.part')).size).toBeGreaterThan(0)
  })
})

describe('redirections', () => {
  it('are counted, not compared: --max-redirs N allows N', async () => {
    origin.on('/first', redirect(302, '/second'))
    origin.on('/second', redirect(302, '/F'))
    const args = ['get', '-o', '-', '--max-redirs']
    expect(await runFerry([...args, '2', origin.url('/first')])).toMatchObject({code: 0})
    expect(await runFerry([...args, '1', origin.url('/first')])).toMatchObject({code: 47})
  })

  it.each([
    ['--no-location', ['--no-location']],
    ['--max-redirs 0', ['--max-redirs', '0']]
  ])('are the result themselves with %s: 0, and nothing more is asked [R37]', async (_what, flags) => {
    origin.on('/elsewhere', redirect(302, '/never'))
    const run = await runFerry([
      'get',
      '-s',
      '-w',
      '%{http_code}',
      '-o',
      'F',
      ...flags,
      origin.url('/elsewhere')
    ])
    expect(run).toMatchObject({code: 0, stdout: '302'})
    expect(origin.requestsOf('/never')).toHaveLength(0)
  })
})
