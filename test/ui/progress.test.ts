import {styleText} from 'node:util'
import {afterEach, beforeAll, beforeEach, describe, expect, it, vi} from 'vitest'
import {TransferError} from '../../src/engine/transfer-error.ts'
import {chooseDisplay} from '../../src/ui/progress.ts'
import type {DisplayChoice} from '../../src/ui/progress.ts'
import {HandMovedTask, Script} from './task-double.ts'
import {TerminalDouble} from './terminal-double.ts'

const mebibyte = 2 ** 20

beforeAll(async () => {
  // The displays load these when they first draw: loaded before, that takes turns of the loop and no time.
  await Promise.all([import('listr2'), import('cli-progress')])
})
beforeEach(() => {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date']})
})
afterEach(() => {
  vi.useRealTimers()
})

function display(terminal: TerminalDouble, changes: Partial<DisplayChoice> = {}) {
  const environment = {NO_COLOR: '1', CI: undefined, TERM: 'xterm', ...changes.environment}
  const shown = chooseDisplay({
    progress: 'auto',
    quiet: false,
    silent: false,
    taskCount: 1,
    resumeHint: () => 'ferry resume 7',
    ...changes,
    environment,
    stream: terminal
  })
  shown.start()
  const begin = (name: string, expected?: number) =>
    new Script(shown.delegate, new HandMovedTask(name, `http://127.0.0.1/${name}`)).start(expected)
  return {...shown, begin}
}

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await vi.dynamicImportSettled()
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
}

describe('a bar', () => {
  it('shows nothing moving for a transfer that ends at once, only what became of it', async () => {
    const terminal = new TerminalDouble()
    const {begin, stop} = display(terminal)
    const script = begin('f.bin', mebibyte)
    await pass(100)
    script.receive(mebibyte).end({state: 'completed'})
    stop()
    await pass(1000)
    expect(terminal.written).toMatch(/^saved f\.bin \(1 MiB in [^\n]*\)\n$/)
  })

  it('moves with the counts, and leaves one line when the file is saved', async () => {
    const terminal = new TerminalDouble()
    const {begin, stop} = display(terminal)
    const script = begin('f.bin', 4 * mebibyte)
    await pass(200)
    script.receive(mebibyte)
    await pass(300)
    expect(terminal.screen).toEqual([expect.stringMatching(/^f\.bin .*█░.* 25% /)])
    script.receive(4 * mebibyte).end({state: 'completed'})
    stop()
    expect(terminal.screen).toEqual([expect.stringMatching(/^saved f\.bin \(4 MiB in /)])
  })

  it('leaves a failure to the error report, and says how a paused transfer goes on', async () => {
    const failing = new TerminalDouble()
    const first = display(failing)
    const script = first.begin('f.bin', mebibyte)
    await pass(500)
    script.end({state: 'failed', error: new TransferError('HTTP_STATUS', 'No')})
    first.stop()
    expect(failing.screen).toEqual([])
    const pausing = new TerminalDouble()
    const second = display(pausing)
    second.begin('f.bin', mebibyte).end({state: 'paused'})
    second.stop()
    expect(pausing.screen).toEqual(['paused f.bin at 0%: continue with `ferry resume 7`'])
  })

  it('makes room for what others write to the screen', async () => {
    const terminal = new TerminalDouble()
    const {begin, aside, stop} = display(terminal)
    begin('f.bin', mebibyte)
    await pass(500)
    aside(() => terminal.write('/downloads/e.bin\n'))
    expect(terminal.screen).toEqual(['/downloads/e.bin', expect.stringMatching(/^f\.bin .* 0% /)])
    stop()
    aside(() => terminal.write('/downloads/f.bin\n'))
    expect(terminal.screen).toEqual(['/downloads/e.bin', '/downloads/f.bin'])
  })

  it('leaves room behind its line for the ^C that the terminal echoes', async () => {
    const terminal = new TerminalDouble({columns: 80})
    const {begin, stop} = display(terminal)
    begin('f.bin', 100 * mebibyte)
    await pass(500)
    expect(terminal.screen).toHaveLength(1)
    expect(terminal.screen[0]?.length).toBeLessThanOrEqual(80 - '^C'.length)
    stop()
  })

  it('prints notes above itself', async () => {
    const terminal = new TerminalDouble()
    const {begin, note, stop} = display(terminal)
    begin('f.bin', mebibyte)
    await pass(500)
    note('> GET /f.bin HTTP/1.1')
    expect(terminal.screen).toEqual(['> GET /f.bin HTTP/1.1', expect.stringMatching(/^f\.bin/)])
    stop()
    expect(terminal.screen).toEqual(['> GET /f.bin HTTP/1.1'])
  })

  it('erases every row that a narrower window made of its line', async () => {
    const terminal = new TerminalDouble({columns: 100})
    const {begin, stop} = display(terminal)
    begin('f.bin', 4 * mebibyte)
    await pass(500)
    terminal.written = ''
    terminal.resize(40)
    expect(
      terminal.written.startsWith('\r\x1B[1A\x1B[J') || terminal.written.startsWith('\r\x1B[2A\x1B[J')
    ).toBe(true)
    stop()
    expect(terminal.isWatched).toBe(false)
  })

  it.each(['draw', 'note', 'end'] as const)(
    'prints nothing after stop and keeps no timer, not even for a late %s',
    async what => {
      const terminal = new TerminalDouble()
      const {begin, note, stop} = display(terminal)
      const script = begin('f.bin', mebibyte)
      // The draw that is late is the first one, still loading what it draws with.
      if (what === 'draw') vi.advanceTimersByTime(150)
      else await pass(500)
      stop()
      const written = terminal.written
      if (what === 'note') note('late')
      if (what === 'end') script.end({state: 'completed'})
      await pass(2000)
      expect(terminal.written).toBe(written)
      expect(vi.getTimerCount()).toBe(0)
    }
  )
})

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

describe('the choice', () => {
  const plain = /^f\.bin: from /
  const drawn = /^f\.bin .*░/

  it.each([
    ['a terminal', {}, {}, drawn],
    ['no terminal', {isTTY: false}, {}, plain],
    ['no terminal, though a bar is asked for', {isTTY: false}, {progress: 'bar'}, plain],
    ['CI', {}, {environment: {CI: 'true', NO_COLOR: '1', TERM: 'xterm'}}, plain],
    [
      'CI, but a bar is asked for',
      {},
      {progress: 'bar', environment: {CI: 'true', NO_COLOR: '1', TERM: 'xterm'}},
      drawn
    ],
    ['CI that is set to false', {}, {environment: {CI: 'false', NO_COLOR: '1', TERM: 'xterm'}}, drawn],
    [
      'a dumb terminal',
      {},
      {progress: 'bar', environment: {TERM: 'dumb', NO_COLOR: undefined, CI: undefined}},
      plain
    ],
    ['a terminal with --progress plain', {}, {progress: 'plain'}, plain],
    ['--progress none', {}, {progress: 'none'}, /^$/],
    ['--quiet', {}, {quiet: true}, /^$/],
    ['--silent', {}, {silent: true}, /^$/]
  ] as const)('fits %s', async (_case, shape, changes, pattern) => {
    const terminal = new TerminalDouble(shape)
    const {begin, stop} = display(terminal, changes)
    begin('f.bin', mebibyte)
    await pass(500)
    expect(terminal.written).toMatch(pattern)
    stop()
  })

  it('lets notes through without progress, but not where only errors are wanted', () => {
    const terminal = new TerminalDouble()
    display(terminal, {progress: 'none'}).note('seen')
    display(terminal, {quiet: true}).note('unseen')
    expect(terminal.written).toBe('seen\n')
  })

  it('uses colours on a terminal, and none where NO_COLOR says so', async () => {
    const environment = {NO_COLOR: undefined, CI: undefined, TERM: 'xterm'}
    const [colour, mono] = [new TerminalDouble(), new TerminalDouble()]
    for (const [terminal, changes] of [
      [colour, {environment}],
      [mono, {}]
    ] as const) {
      const {begin, stop} = display(terminal, changes)
      begin('f.bin', 1).end({state: 'completed', note: 'notModified'})
      stop()
    }
    expect(colour.written).toBe(`${styleText('green', 'not modified', {validateStream: false})} f.bin\n`)
    expect(mono.written).toBe('not modified f.bin\n')
  })
})
