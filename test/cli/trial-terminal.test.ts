import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runOnTerminal, startOnTerminal} from '../cli-run/terminal.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', {body: 'content\n', contentType: 'text/plain'})
})
afterAll(() => origin.close())

/** An address that gives half of its content, and the rest when released. */
function held(path: string): {url: string; release: () => void} {
  const {promise: until, resolve: release} = Promise.withResolvers<void>()
  origin.serve(path, {body: 'x'.repeat(200_000), fault: {holdAfter: {bytes: 100_000, until}}})
  return {url: origin.url(path), release}
}

/** What a person sees in the end: each erasure takes what stood on its rows. */
function seen(screen: string): readonly string[] {
  const lines = ['']
  let row = 0
  for (const [token] of screen.matchAll(/\x1B\[[\d;?]*[A-Za-z]|\r\n|[^]/g)) {
    const up = /^\x1B\[(\d+)A$/.exec(token)
    if (up) row -= Number(up[1])
    else if (token === '\x1B[J') lines.splice(row, lines.length, '')
    else if (token === '\r\n') row += 1
    else if (!token.startsWith('\x1B') && token !== '\r') lines[row] = `${lines[row] ?? ''}${token}`
  }
  return lines.filter(line => line !== '')
}

describe('a terminal for both outputs', () => {
  it('keeps the paths of finished files above the list, and the list below', async () => {
    const cwd = scratchFolder()
    const slow = held('/slow')
    const later = held('/later')
    const ferry = startOnTerminal(['get', slow.url, later.url, origin.url('/F')], {cwd})
    await ferry.until(/50%[^]*1 of 3/)
    later.release()
    await ferry.until(/2 of 3/)
    slow.release()
    const lines = seen((await ferry.done).screen)
    for (const name of ['F', 'later', 'slow']) expect(lines).toContain(join(cwd, name))
    expect(lines.filter(line => line.includes('█'))).toEqual([])
    expect(lines.at(-1)).toContain('3 of 3 done')
  })

  it('keeps what -w prints, even without an end of line', async () => {
    const slow = held('/slow')
    const args = ['get', '-w', '<%{http_code}>', '--if-exists', 'replace', origin.url('/F'), slow.url]
    const ferry = startOnTerminal(args)
    await ferry.until(/50%/)
    slow.release()
    expect(
      seen((await ferry.done).screen)
        .join('\n')
        .match(/<200>/g)
    ).toHaveLength(2)
  })

  it('shows the content or the events alone: nothing is drawn and nothing is said between', async () => {
    const text = await runOnTerminal(['get', '-o', '-', origin.url('/F')])
    expect(text.screen).toBe('content\r\n')
    const events = await runOnTerminal(['get', '--events', '-o', 'F', origin.url('/F')])
    const lines = events.screen.split('\r\n').filter(line => line !== '')
    expect(lines.map(line => JSON.parse(line) as unknown)).toHaveLength(lines.length)
  })
})

describe('resume data of another user, on a terminal', () => {
  /** Resume data of one home, and the words that resume it from another. */
  async function paused(name: string): Promise<{cwd: string; args: string[]; release: () => void}> {
    const cwd = scratchFolder()
    const {promise: until, resolve: release} = Promise.withResolvers<void>()
    const fault = {holdAfter: {bytes: 100_000, until}}
    origin.serve(name, {body: 'x'.repeat(200_000), entityTag: '"1"', faults: [fault]})
    const ferry = startOnTerminal(['get', '-o', 'F', origin.url(name)], {cwd})
    await ferry.until(/50%/)
    ferry.press('\x03')
    expect((await ferry.done).code).toBe(130)
    return {cwd, args: ['resume', 'F.ferry'], release}
  }

  it('is continued after a yes, which knows the address and the target', async () => {
    const {cwd, args, release} = await paused('/foreign')
    const ferry = startOnTerminal(args, {cwd})
    const question = await ferry.until(/\[y\/N\] /)
    expect(question).toContain(origin.url('/foreign'))
    expect(question).toContain(join(cwd, 'F'))
    ferry.press('y\r')
    expect(await ferry.done).toMatchObject({code: 0})
    release()
  })

  it.each([
    ['an empty answer', '\r'],
    ['^C', '\x03']
  ])('is refused with 111 after %s, and stays', async (_answer, keys) => {
    const {cwd, args, release} = await paused('/refused')
    const ferry = startOnTerminal(args, {cwd})
    await ferry.until(/\[y\/N\] /)
    ferry.press(keys)
    const {code, screen} = await ferry.done
    expect(code).toBe(111)
    expect(screen).toContain('--trust-resume-data')
    expect(existsSync(join(cwd, 'F.part'))).toBe(true)
    release()
  })
})
