import {describe, expect, it} from 'vitest'
import {TransferError} from '../../src/engine/transfer-error.ts'
import {display, mebibyte, moveTimeByHand, pass} from './display-scene.ts'
import {TerminalDouble} from './terminal-double.ts'

moveTimeByHand()

describe('a list', () => {
  it('gives each running task a row and all of them a total, with what has ended above', async () => {
    const terminal = new TerminalDouble()
    const {begin, stop} = display(terminal, {taskCount: 3})
    const first = begin('a.bin', 4 * mebibyte)
    begin('b.bin', 4 * mebibyte).receive(mebibyte)
    await pass(500)
    expect(terminal.screen).toEqual([
      expect.stringMatching(/^› a\.bin .* 0%/),
      expect.stringMatching(/^› b\.bin .* 25%/),
      expect.stringMatching(/^› 0 of 3 done, 1 MiB, /)
    ])
    first.receive(4 * mebibyte).end({state: 'completed'})
    await pass(300)
    expect(terminal.screen).toEqual([
      expect.stringMatching(/^saved a\.bin /),
      expect.stringMatching(/^› b\.bin /),
      expect.stringMatching(/^› 1 of 3 done, 5 MiB, /)
    ])
    stop()
    expect(terminal.screen).toEqual([
      expect.stringMatching(/^saved a\.bin /),
      expect.stringMatching(/^1 of 3 done, 5 MiB in 0\.8s, 6\.3 MiB\/s$/)
    ])
  })

  it('fits the window: what has no row is summed up', async () => {
    const terminal = new TerminalDouble({columns: 60, rows: 10})
    const {begin, stop} = display(terminal, {taskCount: 5000})
    for (let index = 0; index < 30; index += 1) begin(`a-long-name-of-file-${index}.tar.gz`, mebibyte)
    await pass(500)
    expect(terminal.screen).toHaveLength(7)
    expect(terminal.screen.at(-2)).toBe('› and 25 more')
    expect(Math.max(...terminal.screen.map(line => line.length))).toBeLessThan(60)
    terminal.rows = 30
    await pass(300)
    expect(terminal.screen.at(-1)).toMatch(/of 5000 done/)
    stop()
  })

  it('names only failed and paused tasks when there are many', async () => {
    const terminal = new TerminalDouble()
    const {begin, stop} = display(terminal, {taskCount: 100})
    begin('good.bin', 1).end({state: 'completed'})
    begin('bad.bin', 1).end({state: 'failed', error: new TransferError('HTTP_STATUS', 'Not\x1B[1m found')})
    begin('half.bin').end({state: 'paused'})
    await pass(300)
    stop()
    expect(terminal.screen).toEqual([
      'failed bad.bin: Not^[[1m found',
      'paused half.bin: continue with `ferry resume 7`',
      expect.stringMatching(/^1 of 100 done, .*, 1 failed, 1 paused$/)
    ])
  })

  it('prints nothing after stop, and leaves the stream as it was', async () => {
    const terminal = new TerminalDouble()
    const write = terminal.write
    const {begin, stop} = display(terminal, {taskCount: 2})
    begin('a.bin', mebibyte)
    await pass(500)
    stop()
    const written = terminal.written
    await pass(2000)
    expect(terminal.written).toBe(written)
    expect(terminal.write).toBe(write)
    expect(process.listenerCount('SIGINT')).toBe(0)
  })
})

describe('plain lines', () => {
  const pipe = () => new TerminalDouble({isTTY: false})

  it('come at the start, every ten seconds, when it has to wait, and at the end', async () => {
    const terminal = pipe()
    const {begin, stop} = display(terminal)
    const script = begin('f.bin?token=secret', 100 * mebibyte)
    await pass(9000)
    script.receive(10 * mebibyte)
    await pass(1000)
    const error = new TransferError('RECEIVE_FAILED', 'reset')
    script.wait({reason: 'retry', delay: 2000, error})
    await pass(2000)
    script.task.enter('running')
    script.receive(100 * mebibyte).end({state: 'completed'})
    stop()
    expect(terminal.written.split('\n')).toEqual([
      expect.stringMatching(/^f\.bin: from http:\/\/127\.0\.0\.1\/f\.bin\?token=\*+$/),
      'f.bin: 10 MiB of 100 MiB, 10%, 1 MiB/s, 1m 30s left',
      'f.bin: waiting 2 s, then attempt 2: reset',
      expect.stringMatching(/^saved f\.bin \(100 MiB in 12s, /),
      ''
    ])
  })

  it('say of a task that waits for its first byte only that', async () => {
    const terminal = pipe()
    const {begin, stop} = display(terminal)
    begin('f.bin').wait({
      reason: 'retry',
      delay: 20_000,
      error: new TransferError('CONNECT_FAILED', 'refused')
    })
    await pass(10_000)
    stop()
    expect(terminal.written.split('\n')).toContain('f.bin: waiting 10 s, then attempt 2: refused')
    expect(terminal.written).not.toContain('0 B')
  })

  it('sum up many tasks and name only those that did not make it', async () => {
    const terminal = pipe()
    const {begin, stop} = display(terminal, {taskCount: 3})
    begin('a.bin', 1).receive(1).end({state: 'completed'})
    begin('b.bin', 1).end({state: 'failed', error: new TransferError('HTTP_STATUS', 'No')})
    await pass(10_000)
    begin('c.bin', 1).receive(1).end({state: 'completed'})
    stop()
    expect(terminal.written.split('\n')).toEqual([
      '3 transfers',
      'failed b.bin: No',
      expect.stringMatching(/^1 of 3 done, 1 B, .*1 failed$/),
      expect.stringMatching(/^2 of 3 done, 2 B in 10s, .*1 failed$/),
      ''
    ])
    await pass(20_000)
    expect(terminal.written.split('\n')).toHaveLength(5)
  })

  it('carry no control characters', async () => {
    const terminal = pipe()
    const {begin, stop} = display(terminal, {
      environment: {NO_COLOR: undefined, CI: undefined, TERM: 'xterm'}
    })
    begin('%1B%5B31m%E2%80%AEevil', 1).receive(1).end({state: 'completed'})
    stop()
    expect(terminal.written.replaceAll('\n', '')).toMatch(/^[\x20-\x7E]+$/)
  })
})
