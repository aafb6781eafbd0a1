import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import {startOnTerminal} from '../cli-run/terminal.ts'
import type {TerminalRun} from '../cli-run/terminal.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {whole} from './crossing.ts'
import {explanation} from './said.ts'
import {answer, uploadCrossing} from './upload-crossing.ts'

describe('the same command after an upload was paused', () => {
  it('names the command that begins again, where the file has changed since, and none that would fail again', async () => {
    const crossing = await uploadCrossing()
    await crossing.pausedUpload()
    writeFileSync(crossing.path('F'), whole.toReversed())
    const refused = await crossing.run(['upload', 'F', crossing.url])
    expect(refused.code).toBe(26)
    expect(explanation(refused)).toMatchObject({code: 'SOURCE_CHANGED'})
    expect(refused.stderr).not.toContain('continue with')
    const [, command = ''] = /^Begin again with: ferry (resume .+)$/m.exec(refused.stderr) ?? []
    expect(await crossing.run(command.split(' '))).toMatchObject({code: 0, stdout: answer})
    expect(crossing.resource.content.equals(whole.toReversed())).toBe(true)
    expect(await crossing.tasks()).toEqual([])
  })

  it('says what was sent before, where the server cannot be asked', async () => {
    const crossing = await uploadCrossing()
    const {url} = crossing
    const {bytes} = await crossing.pausedUpload()
    await crossing.server.origin.close()
    const run = await crossing.run(['upload', '--retry', '0', 'F', url])
    expect(run.code).toBe(7)
    expect(run.stderr).toMatch(/^Sent: [1-9]\d* KiB; continue with: ferry resume /m)
    expect(await crossing.task()).toMatchObject({state: 'failed', bytes, total: whole.length})
  })
})

describe('an upload on a terminal', () => {
  it('prints the whole answer above the line that says it was sent, also one without an end of line', async () => {
    const {screen} = await uploadedOnTerminal(Buffer.from('first\nlast'))
    expect(screen).toMatch(/first\s[^]*last\s[^]*sent\S* F to /)
  })

  it('says that the server has the file, although its answer is not fit for the screen', async () => {
    const {code, screen} = await uploadedOnTerminal(Buffer.from([0, 1, 2]))
    expect(code).toBe(23)
    expect(screen).toContain('Why: The server has what was sent, but its answer is binary')
  })
})

describe('an upload that is stopped', () => {
  it('says that all was sent where only the answer was missing, as the server may have it', async () => {
    await using origin = await startOrigin()
    origin.on('/F', () => new Promise(() => {}))
    const ferry = startFerry(['upload', '-d', 'content', origin.url('/F')])
    await origin.untilRequests(1, '/F')
    ferry.kill('SIGINT')
    const run = await ferry.done
    expect(run.code).toBe(130)
    expect(run.stderr).toMatch(/^cancelled data: all of it was sent, but the server had not answered$/m)
  })

  it('says what the server answered, where it waited to send all of it again', async () => {
    await using origin = await startOrigin()
    origin.on('/F', respond(503, {'retry-after': '60'}))
    const ferry = startFerry(['upload', '-d', 'content', '-X', 'PUT', origin.url('/F')])
    await ferry.untilStderr(/waiting/)
    ferry.kill('SIGINT')
    const run = await ferry.done
    expect(run.code).toBe(130)
    expect(run.stderr).toMatch(/^cancelled data: all of it was sent, and the server answered 503 /m)
  })
})

describe('--fail-early', () => {
  it('speaks of the rest where there is one, and of none where all had ended', async () => {
    await using origin = await startOrigin()
    origin.on('*', respond(201))
    origin.on('/B', respond(404))
    const cwd = scratchFolder()
    for (const name of ['A', 'B', 'C']) writeFileSync(join(cwd, name), name)
    const sent = async (...names: readonly string[]): Promise<string> => {
      const run = await runFerry(['upload', '--fail-early', '-j', '1', ...names, origin.url('/')], {cwd})
      expect(run.code).toBe(22)
      return run.stderr
    }
    expect(await sent('A', 'B')).not.toContain('The rest')
    expect(await sent('A', 'B', 'C')).toContain('The rest has to be sent again')
  })
})

describe('standard input that is a terminal', () => {
  it.each([
    ['sent as it is typed', [], 'standard input: to http'],
    ['copied first', ['--spool'], 'standard input: copied to disk first']
  ])('is announced, and what is typed not drawn over: %s', async (_how, flags, sentence) => {
    await using origin = await startOrigin()
    origin.on('/F', (request, reply) => reply.respond(200, {}, `got ${request.body.toString()}`))
    const ferry = startOnTerminal(['upload', ...flags, '-', origin.url('/F')])
    await ferry.until(/what you type is sent, up to \^D/)
    expect(await ferry.until(new RegExp(sentence))).not.toContain('B/s')
    ferry.press('words\n')
    ferry.press('\x04')
    const {code, screen} = await ferry.done
    expect(code).toBe(0)
    expect(screen).toContain('got words')
    expect(screen).toMatch(/sent(\x1B\[39m)? standard input to /)
  })
})

describe('words that make no upload', () => {
  it('are two files that would overwrite each other, unless the server gives names itself', async () => {
    const cwd = scratchFolder()
    for (const folder of ['one', 'two']) {
      mkdirSync(join(cwd, folder))
      writeFileSync(join(cwd, folder, 'F'), folder)
    }
    await using origin = await startOrigin()
    origin.on('*', respond(500))
    const words = ['one/F', 'two/F', origin.url('/files/')]
    const refused = await runFerry(['upload', ...words], {cwd})
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toMatch(/one.F and .*two.F would both become F there$/)
    expect(explanation(await runFerry(['upload', 'one/F', ...words], {cwd})).why).toContain('the same file')
    expect(origin.requests).toEqual([])
    const named = await runFerry(['upload', '--resumable', 'tus', '--retry', '0', ...words], {cwd})
    expect(named.code).toBe(22)
  })

  it('are told with the method that was meant, where the address is wrong', async () => {
    const put = await runFerry(['upload', '/dev/null', 'ftp://127.0.0.1/F'])
    expect(put.code).toBe(1)
    expect(explanation(put).failed).toBe('PUT ftp://127.0.0.1/F')
    const post = await runFerry(['upload', '-d', 'x', 'http://127.0.0.1:99999/'])
    expect(post.code).toBe(3)
    expect(explanation(post).failed).toBe('POST http://127.0.0.1:99999/')
    const family = await runFerry(['upload', '-6', '/dev/null', 'http://127.0.0.1:9/F'])
    expect(family.code).toBe(6)
    expect(explanation(family).failed).toBe('PUT http://127.0.0.1:9/F')
  })

  it.each([
    ['what is sent cannot be read', 26, ['none', 'http://127.0.0.1:9/F'], 'PUT http://127.0.0.1:9/F'],
    ['data cannot be read', 26, ['-d', '@none', 'http://127.0.0.1:9/F'], 'POST http://127.0.0.1:9/F'],
    ['the answer has no place', 23, ['-o', 'none/A', 'F', 'http://127.0.0.1:9/'], 'PUT http://127.0.0.1:9/F']
  ])('are told with the request that was meant, where %s', async (_what, code, words, failed) => {
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'F'), 'content')
    const run = await runFerry(['upload', ...words], {cwd})
    expect(run.code).toBe(code)
    expect(explanation(run).failed).toBe(failed)
  })

  it('are not those that name a file with the name of a command, but those that name none', async () => {
    await using origin = await startOrigin()
    origin.on('/F', respond(201))
    const cwd = scratchFolder()
    writeFileSync(join(cwd, 'doctor'), 'content')
    expect(await runFerry(['upload', '-q', 'doctor', origin.url('/F')], {cwd})).toMatchObject({code: 0})
    const refused = await runFerry(['upload', '-q', 'get', 'doctor', origin.url('/F')], {cwd})
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toContain('get is a command')
  })
})

describe('an upload whose answer is wanted whatever its status', () => {
  it('does not say that it was sent without saying what the server answered', async () => {
    await using origin = await startOrigin()
    origin.on('/F', respond(404, {}, 'nothing here\n'))
    const run = await runFerry(['upload', '--no-fail', '-d', 'x', origin.url('/F')])
    expect(run).toMatchObject({code: 0, stdout: 'nothing here\n'})
    expect(run.stderr).toMatch(/^sent data to .*; the server answered 404 Not Found\)$/m)
  })
})

describe('what to do next after an upload was refused', () => {
  it.each([
    [409, 'end the address with /'],
    [412, 'If-None-Match'],
    [501, '--length N or --spool'],
    [507, 'no room']
  ])('is told for %i', async (status, words) => {
    await using origin = await startOrigin()
    origin.on('/F', respond(status))
    const run = await runFerry(['upload', '--retry', '0', '-d', 'x', origin.url('/F')])
    expect(run.code).toBe(22)
    expect(explanation(run).next).toContain(words)
  })

  it('is told of --max-filesize, which is for the answer and not for what is sent', async () => {
    await using origin = await startOrigin()
    origin.on('/F', respond(200, {}, 'short'))
    const words = ['upload', '-d', 'longer than that', origin.url('/F')]
    expect(await runFerry([...words, '--max-filesize', '5'])).toMatchObject({code: 0})
    const run = await runFerry([...words, '--max-filesize', '4'])
    expect(run.code).toBe(63)
    expect(explanation(run).why).toBe('The answer is larger than the 4 bytes allowed')
  })
})

describe('the help of upload', () => {
  it.each(['get', 'upload', 'resume'])('has every flag in its column: %s', async command => {
    const {stdout} = await runFerry([command, '--help'])
    const groups = stdout.split('\n\n').filter(part => /^[A-Z ,]+ FLAGS\n/.test(part))
    expect(groups.length).toBeGreaterThan(5)
    for (const group of groups.filter(text => /^ {2}-\w, /m.test(text) && /^ {6}--/m.test(text)))
      expect(group).not.toMatch(/^ {2}--/m)
  })

  it('speaks of what is sent and of the answer, not of files that are fetched', async () => {
    const {stdout} = await runFerry(['upload', '--help'])
    expect(stdout).not.toMatch(/instead of the\s+paths|Fetch only/)
  })
})

async function uploadedOnTerminal(content: Buffer): Promise<TerminalRun> {
  await using origin = await startOrigin()
  origin.on('/F', respond(200, {}, content))
  const cwd = scratchFolder()
  writeFileSync(join(cwd, 'F'), 'x')
  return await startOnTerminal(['upload', 'F', origin.url('/F')], {cwd}).done
}
