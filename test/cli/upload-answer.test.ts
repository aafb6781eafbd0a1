import {existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {runFerry, startFerry} from '../cli-run/ferry.ts'
import {runInShell} from '../cli-run/shell.ts'
import {respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {patience} from '../scratch/patience.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {filesIn} from './files-in.ts'
import {documentOf, eventsOf, explanation} from './said.ts'
import {ScriptedHook} from './scripted-hook.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.on('/thanks', respond(201, {'x-id': '7'}, 'well received'))
  origin.on('/none', respond(204))
  origin.on('/full', respond(507, {'content-type': 'text/plain'}, 'no room left here'))
  for (const name of ['a', 'b', 'c']) {
    const held = name === 'a' ? 300 : 0
    origin.on(`/in/${name}`, async (_request, reply) => {
      await new Promise(resolve => setTimeout(resolve, held))
      await reply.respond(200, {}, `${name} arrived\n`)
    })
  }
})
afterAll(() => origin.close())

/** A folder with files called a, b and c. */
function folderWithFiles(): string {
  const folder = scratchFolder()
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), `this is ${name}`)
  return folder
}

describe('The body of the answer', () => {
  it('goes to standard output, and everything else to standard error', async () => {
    const run = await runFerry(['upload', 'a', origin.url('/thanks')], {cwd: folderWithFiles()})
    expect(run).toMatchObject({code: 0, stdout: 'well received'})
    expect(run.stderr).toContain('a')
  })

  it('goes to the file of -o, whole or not at all, with its folder where that is asked for', async () => {
    const cwd = folderWithFiles()
    const words = ['upload', '-o', 'answer', '-P', 'new/folder', 'a', origin.url('/thanks')]
    const refused = await runFerry(words, {cwd})
    expect(refused).toMatchObject({code: 23})
    expect(explanation(refused).why).toContain('its folder is not there')
    const run = await runFerry([...words, '--create-dirs'], {cwd})
    expect(run, run.stderr).toMatchObject({code: 0, stdout: ''})
    expect(readFileSync(join(cwd, 'new/folder/answer'), 'utf8')).toBe('well received')
    expect(readdirSync(join(cwd, 'new/folder'))).toEqual(['answer'])
  })

  it('makes an empty file where it is empty, and none where there is no answer', async () => {
    const cwd = folderWithFiles()
    expect(await runFerry(['upload', '-o', 'X', 'a', origin.url('/none')], {cwd})).toMatchObject({code: 0})
    expect(readFileSync(join(cwd, 'X'), 'utf8')).toBe('')
    writeFileSync(join(cwd, 'X'), 'of before')
    expect(await runFerry(['upload', '-o', 'X', 'a', origin.url('/full')], {cwd})).toMatchObject({code: 22})
    expect(readFileSync(join(cwd, 'X'), 'utf8')).toBe('of before')
    expect(readdirSync(cwd).toSorted()).toEqual(['X', 'a', 'b', 'c'])
  })

  it('replaces what a link of -o points to, and is written straight into a device', async () => {
    const cwd = folderWithFiles()
    writeFileSync(join(cwd, 'target'), 'of before')
    symlinkSync('target', join(cwd, 'link'))
    await runFerry(['upload', '-o', 'link', 'a', origin.url('/thanks')], {cwd})
    expect(readFileSync(join(cwd, 'target'), 'utf8')).toBe('well received')
    const discarded = await runFerry(['upload', '-o', '/dev/null', 'a', origin.url('/thanks')], {cwd})
    expect(discarded).toMatchObject({code: 0, stdout: ''})
  })

  it('cannot go to a folder, which is said before anything is sent', async () => {
    const cwd = folderWithFiles()
    mkdirSync(join(cwd, 'D'))
    const before = origin.connections
    const run = await runFerry(['upload', '-o', 'D', 'a', origin.url('/thanks')], {cwd})
    expect(run).toMatchObject({code: 23})
    expect(await runFerry(['upload', '-o', 'D/', 'a', origin.url('/thanks')], {cwd})).toMatchObject({code: 2})
    expect(origin.connections).toBe(before)
  })

  it.each([
    ['standard output', []],
    ['the file of -o', ['-o', 'answers']]
  ])('of several uploads comes one after another, in the order of the files: %s', async (_where, flags) => {
    const cwd = folderWithFiles()
    const run = await runFerry(['upload', ...flags, 'a', 'b', 'c', origin.url('/in/')], {cwd})
    const answers = flags.length > 0 ? readFileSync(join(cwd, 'answers'), 'utf8') : run.stdout
    expect(run.code).toBe(0)
    expect(answers).toBe('a arrived\nb arrived\nc arrived\n')
  })

  it('waits for its turn, however long it is, with the other answers', async () => {
    const cwd = folderWithFiles()
    const large = Buffer.alloc(3_000_000, 'b')
    origin.on('/turns/a', async (_request, reply) => {
      await origin.untilRequests(1, '/turns/b')
      await new Promise(resolve => setTimeout(resolve, 200))
      await reply.respond(200, {}, 'a')
    })
    origin.on('/turns/b', respond(200, {}, large))
    origin.on('/turns/c', respond(200, {}, 'c'))
    const run = await runFerry(['upload', '-o', 'X', 'a', 'b', 'c', origin.url('/turns/')], {cwd})
    expect(run, run.stderr).toMatchObject({code: 0})
    const expected = Buffer.concat([Buffer.from('a'), large, Buffer.from('c')])
    expect(readFileSync(join(cwd, 'X')).equals(expected)).toBe(true)
  })

  it('is not among the documents of --json, nor in words among the events', async () => {
    const cwd = folderWithFiles()
    const {stdout} = await runFerry(['upload', '--json', 'a', origin.url('/thanks')], {cwd})
    expect(documentOf({stdout}).tasks).toMatchObject([
      {kind: 'upload', state: 'completed', status: 201, path: null}
    ])
    expect(stdout).not.toContain('well received')
    const told = eventsOf(await runFerry(['upload', '--events', 'a', origin.url('/thanks')], {cwd}))
    const data = told.filter(({event}) => event === 'task.data').map(({base64}) => base64)
    expect(Buffer.from(data.join(''), 'base64').toString()).toBe('well received')
  })

  it('goes to a file beside --json, but not to standard output', async () => {
    const cwd = folderWithFiles()
    const run = await runFerry(['upload', '--json', '-o', 'X', 'a', origin.url('/thanks')], {cwd})
    expect(documentOf(run).ok).toBe(true)
    expect(readFileSync(join(cwd, 'X'), 'utf8')).toBe('well received')
    expect(await runFerry(['upload', '--json', '-o', '-', 'a', origin.url('/thanks')], {cwd})).toMatchObject({
      code: 2
    })
  })

  it('comes behind the heads with --show-headers', async () => {
    const run = await runFerry(['upload', '--show-headers', 'a', origin.url('/thanks')], {
      cwd: folderWithFiles()
    })
    expect(run.stdout).toMatch(/^HTTP\/1\.1 201 .*\r\nx-id: 7\r\n[^]*\r\n\r\nwell received$/)
  })

  it('may find no room: 23, and one explanation; but what is sent is sent', async () => {
    const run = await runInShell('ferry upload a "$URL" >/dev/full', {
      cwd: folderWithFiles(),
      env: {URL: origin.url('/thanks')}
    })
    expect(run, run.stderr).toMatchObject({code: 23})
    expect(run.stderr).toMatch(/^ferry: Failed: .*Standard output cannot be written to/m)
    expect(origin.requestsOf('/thanks').at(-1)?.bodyState).toBe('whole')
  })
})

describe('A signal before anything is sent', () => {
  it('leaves neither the file of -o nor a copy of standard input', async () => {
    const [cwd, home] = [scratchFolder(), scratchFolder()]
    const ferry = startFerry(['upload', '--spool', '-o', 'X', '-', origin.url('/thanks')], {
      cwd,
      env: {FERRY_HOME: home},
      input: 'the beginning',
      stdin: 'open'
    })
    const copies = (): string[] =>
      filesIn(join(home, 'state', 'uploads'))
        .filter(({path}) => !path.endsWith('.lock'))
        .map(({content}) => content)
    await vi.waitFor(() => expect(copies()).toEqual(['the beginning']), patience)
    expect(readdirSync(cwd)).toHaveLength(1)
    ferry.kill('SIGTERM')
    const stderr = 'standard input: copied to disk first, then sent\n'
    expect(await ferry.done).toMatchObject({code: 143, stdout: '', stderr})
    expect(readdirSync(cwd)).toEqual([])
    expect(filesIn(join(home, 'state', 'uploads'))).toEqual([])
  })
})

describe('An HTTP error', () => {
  it('ends with 22, shows what the server says about it, and prints no body', async () => {
    const run = await runFerry(['upload', 'a', origin.url('/full')], {cwd: folderWithFiles()})
    expect(run).toMatchObject({code: 22, stdout: ''})
    expect(explanation(run)).toMatchObject({code: 'HTTP_STATUS', failed: `PUT ${origin.url('/full')}`})
    expect(run.stderr).toContain('no room left here')
  })

  it.each([
    ['--no-fail', 0],
    ['--fail-with-body', 22]
  ])('delivers its body with %s', async (flag, code) => {
    const cwd = folderWithFiles()
    const printed = await runFerry(['upload', flag, 'a', origin.url('/full')], {cwd})
    expect(printed).toMatchObject({code, stdout: 'no room left here'})
    const saved = await runFerry(['upload', flag, '-o', 'X', 'a', origin.url('/full')], {cwd})
    expect(saved).toMatchObject({code, stdout: ''})
    expect(readFileSync(join(cwd, 'X'), 'utf8')).toBe('no room left here')
  })

  it('may be a redirection that is not followed: --fail-with-body delivers it and ends with 22', async () => {
    origin.on('/moved', respond(307, {location: '/thanks'}, 'over there\n'))
    origin.on('/seen', respond(303, {location: '/thanks'}, 'see there\n'))
    const words = ['upload', '--no-location', '--fail-with-body', '-d', 'x']
    const refused = await runFerry([...words, origin.url('/moved')])
    expect(refused).toMatchObject({code: 22, stdout: 'over there\n'})
    expect(explanation(refused).why).toContain('does not say that it took the content')
    const taken = await runFerry([...words, origin.url('/seen')])
    expect(taken).toMatchObject({code: 0, stdout: 'see there\n'})
  })

  it('of one of many uploads leaves the answers of the others', async () => {
    const cwd = folderWithFiles()
    origin.on('/some/a', respond(200, {}, 'a'))
    origin.on('/some/b', respond(500, {}, 'wrong'))
    origin.on('/some/c', respond(200, {}, 'c'))
    const run = await runFerry(['upload', '--retry', '0', '-o', 'X', 'a', 'b', 'c', origin.url('/some/')], {
      cwd
    })
    expect(run).toMatchObject({code: 22})
    expect(readFileSync(join(cwd, 'X'), 'utf8')).toBe('ac')
    expect(existsSync(join(cwd, '.X.part'))).toBe(false)
    expect(readdirSync(cwd).toSorted()).toEqual(['X', 'a', 'b', 'c'])
  })
})

describe('An answer that is cut short', () => {
  it('is not in the file of -o: neither half of it nor twice', async () => {
    const cwd = folderWithFiles()
    origin.on('/cut/a', respond(200, {}, 'a'))
    origin.on('/cut/b', async (_request, reply) => {
      await reply.head(200, {'content-length': '100'})
      await reply.write('half of it')
      await reply.fin()
    })
    origin.on('/cut/c', respond(200, {}, 'c'))
    const words = ['upload', '--retry-delay', '0.01', '--retry', '1', '-o', 'X']
    const run = await runFerry([...words, 'a', 'b', 'c', origin.url('/cut/')], {cwd})
    expect(run, run.stderr).toMatchObject({code: 18})
    expect(explanation(run).next).toMatch(/^All of it was sent, and only the answer broke off/)
    expect(readFileSync(join(cwd, 'X'), 'utf8')).toBe('ac')
  })
})

describe('An answer that a hook makes a download of', () => {
  it('is refused with what to do instead, as the server may have what was sent', async () => {
    const {command} = new ScriptedHook({decision: 'becomeDownload'})
    const run = await runFerry(['upload', '--on-response', command, '-d', 'x', origin.url('/thanks')])
    expect(run.code).toBe(2)
    expect(explanation(run).next).toMatch(/server may have what was sent.* -o/)
  })
})
