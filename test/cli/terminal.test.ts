import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runOnTerminal, startOnTerminal} from '../cli-run/terminal.ts'
import {respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

let origin: Origin
let release: () => void = () => {}

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', {body: 'content\n', contentType: 'text/plain'})
  origin.serve('/binary', {body: Buffer.from([80, 75, 3, 4, 0, 0, 7, 27]), contentType: 'application/zip'})
  origin.serve('/nasty', {body: 'a\x1B]0;owned\x07b\x1B[2Jc\u202Ed\n'})
})
afterAll(() => origin.close())

/** An address that gives half of its content, and the rest when released. */
function held(path: string): string {
  const until = new Promise<void>(resolve => {
    release = resolve
  })
  origin.serve(path, {body: 'x'.repeat(200_000), fault: {holdAfter: {bytes: 100_000, until}}})
  return origin.url(path)
}

const colour = /\x1B\[[\d;]*[1-9]m/
const movement = /\x1B\[\d*[A-GJK]|\r(?!\n)/

describe('on a terminal', () => {
  it('one transfer is one bar that moves, with name and percentage, and one line in the end', async () => {
    const cwd = scratchFolder()
    const ferry = startOnTerminal(['get', held('/one')], {cwd})
    const drawn = await ferry.until(/50%/)
    expect(drawn).toContain('one')
    release()
    const {code, screen} = await ferry.done
    expect(code).toBe(0)
    expect(screen).toMatch(movement)
    expect(screen).toMatch(/saved.* one/)
    expect(screen).toContain(join(cwd, 'one'))
  })

  it('no line of a bar is wider than the terminal', async () => {
    const name = 'a-rather-long-name-for-a-file-that-has-to-be-cut-somewhere.tar.gz'
    const ferry = startOnTerminal(['get', held(`/${name}`)], {columns: 40})
    const drawn = await ferry.until(/50%/)
    const lines = drawn
      .split(/\r|\n|\x1B\[\d*[A-GJK]/)
      .map(line => line.replace(/\x1B\[[\d;?]*[A-Za-z]/g, ''))
    expect(lines.filter(line => line.includes('%')).every(line => line.length <= 40)).toBe(true)
    release()
    expect((await ferry.done).code).toBe(0)
  })

  it('many transfers are a list with a total', async () => {
    const ferry = startOnTerminal(['get', held('/two'), origin.url('/F')])
    const drawn = await ferry.until(/1 of 2/)
    expect(drawn).toContain('two')
    release()
    const {code, screen} = await ferry.done
    expect(code).toBe(0)
    expect(screen).toContain('2 of 2 done')
  })

  it.each([
    ['colours', {}, true, true],
    ['no colours with NO_COLOR', {NO_COLOR: '1'}, false, true],
    ['lines only with TERM=dumb', {TERM: 'dumb'}, false, false],
    ['lines only with CI', {CI: 'true'}, true, false]
  ])('there are %s', async (_what, env: Record<string, string>, colours, movements) => {
    const ferry = startOnTerminal(['get', held('/look')], {env})
    await ferry.until(movements ? /50%/ : /from http/)
    release()
    const {code, screen} = await ferry.done
    expect(code).toBe(0)
    expect(colour.test(screen)).toBe(colours)
    expect(movement.test(screen)).toBe(movements)
  })

  it('a redirected standard output leaves the bar where it is', async () => {
    const cwd = scratchFolder()
    const ferry = startOnTerminal(['get', '-o', 'F', held('/out')], {cwd, redirections: '>paths'})
    await ferry.until(/50%/)
    release()
    await ferry.done
    expect(readFileSync(join(cwd, 'paths'), 'utf8')).toBe(`${join(cwd, 'F')}\n`)
  })
})

describe('-o - on a terminal', () => {
  it('shows text', async () => {
    const {code, screen} = await runOnTerminal(['get', '-q', '-o', '-', origin.url('/F')])
    expect({code, screen}).toEqual({code: 0, screen: 'content\r\n'})
  })

  it('ends the last line of each content, which a pipe gets as it is', async () => {
    const cwd = scratchFolder()
    for (const name of ['a', 'b']) {
      writeFileSync(join(cwd, name), name)
      origin.on(`/into/${name}`, respond(200, {}, '{"id":42}'))
    }
    const args = ['upload', '-q', 'a', 'b', origin.url('/into/')]
    expect(await runOnTerminal(args, {cwd})).toEqual({code: 0, screen: '{"id":42}\r\n'.repeat(2)})
    expect(await runOnTerminal(args, {cwd, redirections: '>out'})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe('{"id":42}'.repeat(2))
  })

  it('refuses binary data with 23, and says where to put it', async () => {
    const {code, screen} = await runOnTerminal(['get', '-q', '-o', '-', origin.url('/binary')])
    expect(code).toBe(23)
    expect(screen).toContain('-o FILE')
    expect(screen).not.toContain('PK')
  })

  it('gives binary data to a pipe or file', async () => {
    const cwd = scratchFolder()
    const args = ['get', '-q', '-o', '-', origin.url('/binary')]
    expect(await runOnTerminal(args, {cwd, redirections: '>out'})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'out'))).toHaveLength(8)
  })

  it('escapes what would command the terminal [CVE 57]', async () => {
    const {code, screen} = await runOnTerminal(['get', '-q', '-o', '-', origin.url('/nasty')])
    expect(code).toBe(0)
    expect(screen).not.toMatch(/[\x07\x1B\u202E]/)
    expect(screen).toMatch(/a.+owned.*b.+c.+d/)
  })
})
