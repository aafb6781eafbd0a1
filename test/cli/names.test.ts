import {existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Run} from '../cli-run/ferry.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {redirect} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.on('*', (_request, reply) => reply.respond(200, {}, 'theirs'))
})
afterAll(() => origin.close())

/** A folder in a folder, so that whatever climbs out of it can be seen. */
function nested(): {outside: string; cwd: string} {
  const outside = scratchFolder()
  const cwd = join(outside, 'here')
  mkdirSync(cwd)
  return {outside, cwd}
}

async function getNamed(
  contentDisposition: string,
  cwd: string,
  flags: readonly string[] = []
): Promise<Run> {
  origin.serve('/named', {body: 'theirs', headers: {'content-disposition': contentDisposition}})
  return runFerry(['get', ...flags, origin.url('/named')], {cwd})
}

describe('a name from Content-Disposition', () => {
  it.each([
    ['attachment; filename="..\\\\..\\\\x"', 'x', 'CVE 1'],
    ['attachment; filename="f:foo"', 'f_foo', 'CVE 2'],
    ['attachment; filename="a.txt:ads"', 'a.txt_ads', 'CVE 2'],
    ['attachment; filename=.bashrc', '_bashrc', 'CVE 10'],
    ['attachment; filename="../../x"', 'x', 'CVE 11'],
    ["attachment; filename*=UTF-8''..%2F..%2Fx", 'x', 'CVE 11'],
    ["attachment; filename*=UTF-8''%2e%2e%5cx", 'x', 'CVE 11'],
    ['attachment; filename="/etc/passwd"', 'passwd', 'CVE 11'],
    ['attachment; filename=".."', 'named', 'CVE 11'],
    ['attachment; filename=CON', '_CON', 'CVE 64'],
    ['attachment; filename="nul.txt"', '_nul.txt', 'CVE 64'],
    ['attachment; filename="com1"', '_com1', 'CVE 64'],
    ['attachment; filename="trailing. . "', 'trailing', 'CVE 64'],
    ['attachment; filename="-rf"', '_rf', 'P3'],
    ['attachment; filename="a\\u001b[2Jb"', 'au001b[2Jb', 'P8']
  ])('%s becomes a file here: %s [%s]', async (contentDisposition, name) => {
    const {outside, cwd} = nested()
    const run = await getNamed(contentDisposition, cwd)
    expect(run, run.stderr).toMatchObject({code: 0})
    const written = readdirSync(cwd)
    expect(written).toEqual([name])
    expect(readdirSync(outside)).toEqual(['here'])
    expect(run.stdout).toBe(`${join(cwd, name)}\n`)
  })

  it('never replaces a file, in whatever order the flags come [CVE 3, CVE 10]', async () => {
    for (const flags of [
      ['-J', '-O'],
      ['-O', '-J'],
      ['-D', 'heads', '-J', '-O']
    ]) {
      const {cwd} = nested()
      writeFileSync(join(cwd, 'n'), 'mine')
      const run = await getNamed('attachment; filename=n', cwd, flags)
      expect(run).toMatchObject({code: 113, stdout: ''})
      expect(readFileSync(join(cwd, 'n'), 'utf8')).toBe('mine')
    }
  })

  it('is not listened to with --no-remote-header-name, nor beside -o', async () => {
    const {cwd} = nested()
    await getNamed('attachment; filename=other', cwd, ['--no-remote-header-name'])
    await getNamed('attachment; filename=other', cwd, ['-o', 'mine'])
    expect(readdirSync(cwd).toSorted()).toEqual(['mine', 'named'])
  })

  it('of 300 bytes is cut to what a folder takes, its extension kept [fault 54]', async () => {
    const {cwd} = nested()
    expect(await getNamed(`attachment; filename="${'n'.repeat(300)}.tar.gz"`, cwd)).toMatchObject({code: 0})
    const [name = ''] = readdirSync(cwd)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    expect(name).toMatch(/^n{100,}.*\.gz$/)
  })
})

describe('a name from the URL', () => {
  it.each([
    ['/a%2f..%2f..%2fetc%2fx', 'x', 'CVE 5'],
    ['/a%5c..%5c..%5cx', 'x', 'CVE 5'],
    ['/%252e%252e%252fx', '%2e%2e%2fx', 'CVE 6'],
    ['/dir/', 'download', 'P3'],
    ['/.htaccess', '_htaccess', 'CVE 9'],
    ['/%2e%2e', 'download', 'P3'],
    ['/a%00b', 'ab', 'P3']
  ])('%s becomes a file here: %s [%s]', async (path, name) => {
    const {outside, cwd} = nested()
    const run = await runFerry(['get', `${origin.url('')}${path}`], {cwd})
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(readdirSync(cwd)).toEqual([name])
    expect(readdirSync(outside)).toEqual(['here'])
  })

  it.each(['/.wgetrc', '/.bash_profile', '/other.exe'])(
    'is not changed by a redirection to %s [CVE 7, CVE 9]',
    async to => {
      const {cwd} = nested()
      origin.on('/file.txt', redirect(302, to))
      expect(await runFerry(['get', origin.url('/file.txt')], {cwd})).toMatchObject({code: 0})
      expect(readdirSync(cwd)).toEqual(['file.txt'])
    }
  )

  it('stays inside -P [CVE 16]', async () => {
    const {outside, cwd} = nested()
    const flags = ['-P', 'd', '--create-dirs']
    await getNamed('attachment; filename="x/../../y"', cwd, flags)
    expect(readdirSync(outside)).toEqual(['here'])
    expect(readdirSync(join(cwd, 'd'))).toEqual(['y'])
  })
})

describe('what lies in the way', () => {
  it('is a link under the name of the partial file: it is not written through [CVE 15]', async () => {
    const {outside, cwd} = nested()
    writeFileSync(join(outside, 'victim'), 'untouched')
    symlinkSync(join(outside, 'victim'), join(cwd, 'F.part'))
    const run = await runFerry(['get', '-o', 'F', origin.url('/F')], {cwd})
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'F'), 'utf8')).toBe('theirs')
    expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('untouched')
  })

  it('is a link under the name itself: refused with 113, its target untouched', async () => {
    const {outside, cwd} = nested()
    writeFileSync(join(outside, 'victim'), 'untouched')
    symlinkSync(join(outside, 'victim'), join(cwd, 'F'))
    expect(await runFerry(['get', '-o', 'F', origin.url('/F')], {cwd})).toMatchObject({code: 113})
    expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('untouched')
  })

  it('is a file that a failed transfer must not take away [CVE 4]', async () => {
    const {cwd} = nested()
    writeFileSync(join(cwd, 'save'), 'mine')
    origin.serve('/cut', {body: 'theirs', fault: {cutAfter: 2}})
    const flags = ['--retry', '0', '--no-resume', '--if-exists', 'rename', '-o', 'save']
    expect(await runFerry(['get', ...flags, origin.url('/cut')], {cwd})).toMatchObject({code: 18})
    expect(readdirSync(cwd)).toEqual(['save'])
    expect(existsSync(join(cwd, 'save.1'))).toBe(false)
    expect(readFileSync(join(cwd, 'save'), 'utf8')).toBe('mine')
  })
})
