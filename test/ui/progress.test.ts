import {styleText} from 'node:util'
import {describe, expect, it, vi} from 'vitest'
import {TransferError} from '../../src/engine/transfer-error.ts'
import {display, mebibyte, moveTimeByHand, pass} from './display-scene.ts'
import {TerminalDouble} from './terminal-double.ts'

moveTimeByHand()

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
