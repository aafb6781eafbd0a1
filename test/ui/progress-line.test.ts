import {describe, expect, it} from 'vitest'
import {TransferError} from '../../src/engine/transfer-error.ts'
import {displayWidth} from '../../src/ui/fit.ts'
import {finalLine} from '../../src/ui/final-line.ts'
import {colourless} from '../../src/ui/paint.ts'
import {progressLine, totalLine} from '../../src/ui/progress-line.ts'
import {TransferBoard} from '../../src/ui/transfer-board.ts'
import type {Transfer} from '../../src/ui/transfer-board.ts'
import {HandMovedTask, Script} from './task-double.ts'

const mebibyte = 2 ** 20
const drawBar = (ratio: number, size: number) => '#'.repeat(Math.round(ratio * size)).padEnd(size, '.')

function board() {
  const transfers: Transfer[] = []
  const ended: Transfer[] = []
  const made = new TransferBoard({
    didStart: transfer => transfers.push(transfer),
    didEnd: transfer => ended.push(transfer)
  })
  const begin = (name = 'disk-image.tar.gz', expected?: number) => {
    const script = new Script(made.delegate, new HandMovedTask('1', `http://127.0.0.1/${name}`)).start(
      expected
    )
    const transfer = transfers.at(-1)
    if (!transfer) throw new Error('the board did not notice the start')
    return {script, transfer}
  }
  return {board: made, begin, ended}
}

describe('a progress line', () => {
  it.each([5, 12, 20, 30, 47, 60, 79, 119, 200])(
    'never takes more than %d columns, running or waiting',
    width => {
      const {script, transfer} = board().begin(
        'a-rather-long-name-of-a-disk-image-日本語.tar.gz',
        900 * mebibyte
      )
      script.receive(899 * mebibyte)
      expect(displayWidth(progressLine(transfer, {width, paint: colourless, drawBar}))).toBeLessThanOrEqual(
        width
      )
      const error = new TransferError('RECEIVE_FAILED', 'The connection was reset while the answer was read')
      script.wait({reason: 'retry', delay: 2000, error})
      expect(displayWidth(progressLine(transfer, {width, paint: colourless, drawBar}))).toBeLessThanOrEqual(
        width
      )
    }
  )

  it('shows name, bar, percentage, bytes and rate where there is room', () => {
    const {board: own, begin} = board()
    const {script, transfer} = begin('image.iso', 10 * mebibyte)
    script.receive(5 * mebibyte)
    own.look(Date.now() + 1000)
    expect(progressLine(transfer, {width: 100, paint: colourless, drawBar}).trimEnd()).toMatch(
      /^image\.iso {2}#{15}\.{15} {3}50% {2} +5 MiB\/10 MiB {2} +\S+ [MK]iB\/s {2}\d\.\ds left$/
    )
  })

  it('shows no percentage and no bar while the length is unknown', () => {
    const {script, transfer} = board().begin('image.iso')
    script.receive(3 * mebibyte)
    const line = progressLine(transfer, {width: 100, paint: colourless, drawBar})
    expect(line).toContain('3 MiB')
    expect(line).not.toMatch(/[%#.]{2}|%/)
  })

  it('counts the percentage over the whole file after a resume, but the rate only over new bytes', () => {
    const {board: own, begin} = board()
    const {script, transfer} = begin('image.iso', 100 * mebibyte)
    script.resumeAt(40 * mebibyte)
    own.look(Date.now() + 1000)
    expect(progressLine(transfer, {width: 100, paint: colourless, drawBar})).toContain('40%')
    expect(transfer.meter.bytesPerSecond).toBe(0)
    script.receive(42 * mebibyte)
    own.look(Date.now() + 2000)
    expect(transfer.moved).toBe(2 * mebibyte)
  })

  it('keeps what came before when a transfer starts again from zero, without a negative rate', () => {
    const {board: own, begin} = board()
    const {script, transfer} = begin('image.iso', 10 * mebibyte)
    script.receive(4 * mebibyte)
    own.look(Date.now() + 1000)
    script.receive(0)
    own.look(Date.now() + 2000)
    script.receive(mebibyte)
    own.look(Date.now() + 3000)
    expect(transfer.moved).toBe(5 * mebibyte)
  })

  it('says what is waited for, with the text of the network escaped, until the wait is over', () => {
    const {script, transfer} = board().begin()
    const error = new TransferError('RECEIVE_FAILED', 'reset \x1B[2J')
    script.wait({reason: 'retry', delay: 2000, error})
    const style = {width: 100, paint: colourless, drawBar}
    expect(progressLine(transfer, style)).toMatch(/waiting [12] s, then attempt 2: reset \^\[\[2J$/)
    script.task.enter('running')
    expect(progressLine(transfer, style)).not.toContain('waiting')
    script.wait({reason: 'connectivity', delay: 0})
    expect(progressLine(transfer, style)).toContain('waiting for the network')
  })
})

describe('a final line', () => {
  const style = {paint: colourless, resumeHint: () => 'ferry resume 7'}

  it.each([
    [{state: 'completed', note: 'alreadyComplete'}, 'already complete f.bin'],
    [{state: 'completed', note: 'skipped'}, 'skipped f.bin: it exists already'],
    [{state: 'completed', note: 'notModified'}, 'not modified f.bin'],
    [{state: 'cancelled'}, 'cancelled f.bin: nothing of it is kept'],
    [
      {state: 'paused', resumeData: '/downloads/f.bin.ferry'},
      'paused f.bin at 50%: continue with `ferry resume 7`'
    ],
    [{state: 'failed', error: new TransferError('HTTP_STATUS', '404 \x07')}, 'failed f.bin: 404 \\x07']
  ] as const)('says of %j: %s', (outcome, text) => {
    const {script, transfer} = board().begin('f.bin', 2 * mebibyte)
    script.receive(mebibyte).end(outcome)
    expect(finalLine(transfer, outcome, style)).toBe(text)
  })

  it('tells size, time and rate of a saved file', () => {
    const {script, transfer} = board().begin('f.bin', 12 * mebibyte)
    script.task.started = Date.now() - 2000
    script.receive(12 * mebibyte).end({state: 'completed'})
    expect(finalLine(transfer, {state: 'completed'}, style)).toMatch(
      /^saved f\.bin \(12 MiB in \d+\.\ds, \S+ MiB\/s\)$/
    )
  })

  it('tells why a file was started again, although a part of it was here', () => {
    const {script, transfer} = board().begin('f.bin', mebibyte)
    script.task.restarted = true
    script.task.restartReason = 'The server has another version'
    script.receive(mebibyte).end({state: 'completed'})
    expect(finalLine(transfer, {state: 'completed'}, style)).toMatch(
      /; started again from zero: The server has another version\)$/
    )
  })

  it('says nothing of lost bytes where none had come', () => {
    const {script, transfer} = board().begin('f.bin', mebibyte)
    script.end({state: 'cancelled'})
    expect(finalLine(transfer, {state: 'cancelled'}, style)).toBe('cancelled f.bin')
  })

  it('tells where a resumed file went on and counts only what was new', () => {
    const {script, transfer} = board().begin('f.bin', 10 * mebibyte)
    script.task.started = Date.now() - 2000
    script
      .resumeAt(4 * mebibyte)
      .receive(10 * mebibyte)
      .end({state: 'completed'})
    expect(finalLine(transfer, {state: 'completed'}, style)).toMatch(
      /^saved f\.bin \(10 MiB, resumed at 40%; 6 MiB in /
    )
  })

  it('takes from the middle of a name, but never from a command', () => {
    const {script, transfer} = board().begin('a-very-long-name-of-a-file.tar.gz')
    script.end({state: 'paused'})
    const line = finalLine(transfer, {state: 'paused'}, {...style, width: 60})
    expect(line).toMatch(/^paused a-very\S+…\S+\.gz: continue with `ferry resume 7`$/)
    expect(displayWidth(line)).toBeLessThanOrEqual(60)
    expect(finalLine(transfer, {state: 'paused'}, {...style, width: 20})).toContain(
      'a-very-long-name-of-a-file.tar.gz'
    )
  })
})

it('sums up all transfers, and names the bad news only when there is some', () => {
  const {board: own, begin} = board()
  const first = begin('a', mebibyte)
  expect(totalLine(own, 3)).toMatch(/^0 of 3 done, 0 B, 0 B\/s$/)
  first.script.receive(mebibyte).end({state: 'completed'})
  begin('b').script.end({state: 'failed', error: new TransferError('HTTP_STATUS', 'No')})
  begin('c').script.end({state: 'paused'})
  begin('d').script.end({state: 'cancelled'})
  expect(totalLine(own, 3)).toMatch(/^1 of 4 done, 1 MiB, .*\/s, 1 failed, 1 paused, 1 cancelled$/)
})

it('counts a task that ended before it started', () => {
  const {board: own, ended} = board()
  new Script(own.delegate, new HandMovedTask('9', 'http://127.0.0.1/x')).end({state: 'cancelled'})
  expect(ended).toHaveLength(1)
  expect(own.active.size).toBe(0)
})
