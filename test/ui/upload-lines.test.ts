import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import type {UploadSource} from '../../src/engine/index.ts'
import {finalLine} from '../../src/ui/final-line.ts'
import {displayWidth} from '../../src/ui/fit.ts'
import {colourless} from '../../src/ui/paint.ts'
import {progressLine, totalLine} from '../../src/ui/progress-line.ts'
import {chooseDisplay} from '../../src/ui/progress.ts'
import {TransferBoard} from '../../src/ui/transfer-board.ts'
import type {Transfer} from '../../src/ui/transfer-board.ts'
import {transferName} from '../../src/ui/transfer-name.ts'
import {TerminalDouble} from './terminal-double.ts'
import {UploadScript} from './upload-script.ts'

const mebibyte = 2 ** 20
const drawBar = (ratio: number, size: number) => '#'.repeat(Math.round(ratio * size)).padEnd(size, '.')
const style = {width: 100, paint: colourless, drawBar}

function begun({expected, source}: {expected?: number; source?: UploadSource} = {}) {
  const transfers: Transfer[] = []
  const board = new TransferBoard({didStart: transfer => transfers.push(transfer)})
  const script = new UploadScript(board.delegate, source).start(expected)
  const [transfer] = transfers
  if (!transfer) throw new Error('the board did not notice the start')
  return {board, script, transfer}
}

beforeEach(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date']})
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the line of a running upload', () => {
  it('shows what was sent of the file, not what came back, and a rate of what is sent', () => {
    const {board, script, transfer} = begun({expected: 10 * mebibyte})
    script.send(5 * mebibyte)
    script.task.countOfBytesReceived = 300
    board.look(Date.now() + 1000)
    expect(progressLine(transfer, style).trimEnd()).toMatch(
      /^garden\.raw {2}#{15}\.{15} {3}50% {2} +5 MiB\/10 MiB {2} +5 MiB\/s {2}1\.0s left$/
    )
    expect(totalLine(board, 3)).toMatch(/^0 of 3 done, 5 MiB, /)
  })

  it('falls back where the body has to be sent again, and counts what goes out twice only in the rate', () => {
    const {board, script, transfer} = begun({expected: 10 * mebibyte})
    script.send(6 * mebibyte)
    board.look(Date.now() + 1000)
    script.send(0)
    board.look(Date.now() + 2000)
    expect(progressLine(transfer, style)).toContain('  0%')
    script.send(mebibyte)
    board.look(Date.now() + 3000)
    expect(progressLine(transfer, style)).toContain(' 10%')
    expect(transfer.moved).toBe(7 * mebibyte)
    script.send(10 * mebibyte).end({state: 'completed'})
    expect(
      finalLine(transfer, {state: 'completed'}, {paint: colourless, resumeHint: () => undefined})
    ).toMatch(/\(10 MiB in /)
  })

  it('says that it waits for the answer, and how long, once everything is sent: no full bar', () => {
    const {board, script, transfer} = begun({expected: mebibyte})
    script.send(mebibyte)
    board.look()
    expect(progressLine(transfer, style)).toBe('garden.raw  1 MiB sent, waiting for the answer')
    vi.setSystemTime(Date.now() + 12_000)
    board.look()
    expect(progressLine(transfer, style)).toBe('garden.raw  1 MiB sent, waiting for the answer for 12s')
    expect(displayWidth(progressLine(transfer, {...style, width: 30}))).toBeLessThanOrEqual(30)
    script.send(0)
    board.look()
    expect(progressLine(transfer, style)).not.toContain('answer')
  })

  it('says so of standard input too, whose end nobody knew before', () => {
    const {script, transfer} = begun({source: {kind: 'stream'}})
    script.send(mebibyte)
    expect(progressLine(transfer, style)).not.toContain('answer')
    script.task.hasSentBody = true
    expect(progressLine(transfer, style)).toBe('standard input  1 MiB sent, waiting for the answer')
  })

  it('does not wait for an answer before an empty file is even on its way', () => {
    const {transfer} = begun({expected: 0})
    expect(progressLine(transfer, style)).not.toContain('answer')
  })

  it('says of a lost connection what it says of that of a download', () => {
    const {script, transfer} = begun({expected: mebibyte})
    script.send(mebibyte).wait({reason: 'retry', delay: 2000})
    expect(progressLine(transfer, style)).toMatch(/waiting 2 s, then attempt 2$/)
  })
})

describe('the name of an upload', () => {
  it.each([
    [{kind: 'file', path: '/photos/garden\n.raw'}, 'garden\\n.raw'],
    [{kind: 'file', path: '/state/spool/7', lifetime: 'task'}, 'standard input'],
    [{kind: 'stream'}, 'standard input'],
    [{kind: 'data', data: new Uint8Array(3)}, 'data'],
    [{kind: 'form', fields: [{name: 'a', value: {kind: 'text', text: 'b'}}]}, 'form with 1 field']
  ] as const)('of %j is %s', (source: UploadSource, name) => {
    expect(transferName(new UploadScript({}, source).task)).toBe(name)
  })

  it('is its label where it has one', () => {
    expect(transferName(new UploadScript({}, {kind: 'stream'}, {label: 'backup'}).task)).toBe('backup')
  })
})

describe('the last line of an upload', () => {
  const final = {paint: colourless, resumeHint: () => 'ferry resume u1'}

  it('says sent and where to, with the size, time and rate of what was sent', () => {
    const {script, transfer} = begun({expected: 12 * mebibyte})
    vi.setSystemTime(Date.now() + 2000)
    script.send(12 * mebibyte).end({state: 'completed'})
    expect(finalLine(transfer, {state: 'completed'}, final)).toBe(
      'sent garden.raw to 127.0.0.1 (12 MiB in 2.0s, 6 MiB/s)'
    )
  })

  it('tells where a continued one went on, and counts only what was new', () => {
    const {script, transfer} = begun({expected: 10 * mebibyte})
    script
      .resumeAt(4 * mebibyte)
      .send(10 * mebibyte)
      .end({state: 'completed'})
    expect(finalLine(transfer, {state: 'completed'}, final)).toBe(
      'sent garden.raw to 127.0.0.1 (10 MiB, resumed at 40%; 6 MiB in 0 ms)'
    )
  })

  it('does not count as new what an earlier one had sent, although it is known before the server says so', () => {
    const {board, script, transfer} = begun({expected: 10 * mebibyte})
    script.task.sentBefore = 4 * mebibyte
    board.look()
    script
      .resumeAt(4 * mebibyte)
      .send(10 * mebibyte)
      .end({state: 'completed'})
    expect(finalLine(transfer, {state: 'completed'}, final)).toBe(
      'sent garden.raw to 127.0.0.1 (10 MiB, resumed at 40%; 6 MiB in 0 ms)'
    )
  })

  it('tells why one began again', () => {
    const {board, script, transfer} = begun({expected: mebibyte})
    script.resumeAt(mebibyte / 2).send(0.75 * mebibyte)
    board.look()
    script.resumeAt(0)
    script.task.restarted = true
    script.task.restartReason = 'The server has forgotten the upload'
    script.send(mebibyte).end({state: 'completed'})
    expect(finalLine(transfer, {state: 'completed'}, final)).toMatch(
      /\(1 MiB in .*; started again from zero: The server has forgotten the upload\)$/
    )
  })

  it('names the command that continues a paused one, with how far it was', () => {
    const {script, transfer} = begun({expected: 4 * mebibyte})
    script.send(mebibyte).end({state: 'paused'})
    expect(finalLine(transfer, {state: 'paused'}, final)).toBe(
      'paused garden.raw at 25%: continue with `ferry resume u1`'
    )
  })

  it('says of a stopped one of which something was sent that it cannot be continued', () => {
    const {script, transfer} = begun()
    script.send(10).end({state: 'cancelled'})
    expect(finalLine(transfer, {state: 'cancelled'}, final)).toBe(
      'cancelled garden.raw: it cannot be continued, only sent again'
    )
  })

  it('says nothing of what is lost where nothing had been sent', () => {
    const {script, transfer} = begun()
    script.end({state: 'cancelled'})
    expect(finalLine(transfer, {state: 'cancelled'}, final)).toBe('cancelled garden.raw')
  })
})

it('off a terminal the lines of an upload say where it goes, how far it is, and what it waits for', async () => {
  const stream = new TerminalDouble({isTTY: false})
  const shown = chooseDisplay({
    progress: 'auto',
    quiet: false,
    silent: false,
    taskCount: 1,
    stream,
    resumeHint: () => undefined,
    environment: {NO_COLOR: undefined, CI: undefined, TERM: undefined}
  })
  shown.start()
  const script = new UploadScript(shown.delegate).start(100 * mebibyte)
  script.send(25 * mebibyte)
  await vi.advanceTimersByTimeAsync(10_000)
  script.send(100 * mebibyte)
  await vi.advanceTimersByTimeAsync(20_000)
  script.wait({reason: 'connectivity', delay: 0})
  await vi.advanceTimersByTimeAsync(10_000)
  script.task.enter('running')
  script.end({state: 'completed'})
  shown.stop()
  expect(stream.written.split('\n')).toEqual([
    'garden.raw: to https://127.0.0.1/photos/new?token=***',
    expect.stringMatching(/^garden\.raw: 25 MiB of 100 MiB, 25%, .*\/s, .* left$/),
    'garden.raw: 100 MiB sent, waiting for the answer',
    'garden.raw: 100 MiB sent, waiting for the answer for 10s',
    'garden.raw: waiting for the network',
    expect.stringMatching(/^garden\.raw: 100 MiB of 100 MiB, .*, waiting for the network$/),
    expect.stringMatching(/^sent garden\.raw to 127\.0\.0\.1 \(100 MiB in 40s, /),
    ''
  ])
})
