import {readdirSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/a', {body: 'a'})
  origin.serve('/b', {body: 'b'})
})
afterAll(() => origin.close())

describe('several URLs', () => {
  it('may not have one -o between them: the later would replace the other', async () => {
    const cwd = scratchFolder()
    const args = ['get', '-o', 'F', origin.url('/a'), '-o', './F', origin.url('/b')]
    const {code, stderr} = await runFerry(args, {cwd})
    expect(code).toBe(2)
    expect(stderr).toContain('"F"')
    expect(readdirSync(cwd)).toEqual([])
  })

  it('may share standard output, and devices', async () => {
    const both = [origin.url('/a'), origin.url('/b')]
    expect(await runFerry(['get', '-q', '-o', '-', '-o', '-', ...both])).toMatchObject({
      code: 0,
      stdout: 'ab'
    })
    expect(await runFerry(['get', '-q', '-o', '/dev/null', '-o', '/dev/null', ...both])).toMatchObject({
      code: 0
    })
  })
})

describe('-4 and -6', () => {
  it.each([
    ['-6', 'http://127.0.0.1:1/F', 6],
    ['-4', 'http://[::1]:1/F', 6]
  ])('%s refuses %s, an address of the other family', async (flag, url, code) => {
    const run = await runFerry(['get', flag, url])
    expect(run.code).toBe(code)
    expect(run.stderr).toMatch(new RegExp(`^Next: Leave ${flag} out`, 'm'))
  })

  it('take addresses of their own family', async () => {
    expect(await runFerry(['get', '-4', origin.url('/a')])).toMatchObject({code: 0})
  })
})

describe('a list', () => {
  it('with a line that is no address fetches nothing, and says where the line stands', async () => {
    const cwd = scratchFolder()
    const input = `${origin.url('/a')}\nftp://127.0.0.1/b\n`
    const {code, stderr} = await runFerry(['get', '-i', '-'], {cwd, input})
    expect(code).toBe(1)
    expect(stderr).toContain('Failed: GET ftp://127.0.0.1/b')
    expect(stderr).toMatch(/^Next: .*standard input.*nothing has been fetched/m)
    expect(readdirSync(cwd)).toEqual([])
  })

  it('without lines is no failure, but worth a word', async () => {
    const {code, stderr} = await runFerry(['get', '-i', '-'], {input: '# nothing today\n'})
    expect({code, stderr}).toEqual({code: 0, stderr: expect.stringMatching(/^warning: .*empty/) as string})
  })
})
