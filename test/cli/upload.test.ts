import {createHash} from 'node:crypto'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Run} from '../cli-run/ferry.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {startOnTerminal} from '../cli-run/terminal.ts'
import {echo, redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {filesIn} from './files-in.ts'
import {documentOf, eventsOf, explanation} from './said.ts'

interface Echo {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.on('*', echo)
  origin.on('/303', redirect(303, '/Peru'))
  origin.on('/Peru', respond(200, {}, 'Lima'))
})
afterAll(() => origin.close())

function fileWith(content: Buffer | string, name = 'F'): string {
  const path = join(scratchFolder(), name)
  writeFileSync(path, content)
  return path
}

function echoed({stdout}: Run): Echo {
  return JSON.parse(stdout) as Echo
}

function order(run: Run): string[] {
  return eventsOf(run).map(({event}) => event)
}

describe('ferry upload FILE URL', () => {
  it('puts the file there, and prints the answer', async () => {
    const run = await runFerry(['upload', fileWith('content'), origin.url('/files/F')])
    expect(run, run.stderr).toMatchObject({code: 0})
    expect(echoed(run)).toMatchObject({
      method: 'PUT',
      target: '/files/F',
      headers: {'content-length': '7'},
      body: 'content'
    })
    expect(echoed(run).headers).not.toHaveProperty('content-type')
  })

  it('sends a large file and its headers intact [3C 95]', async () => {
    await using counted = await startOrigin()
    counted.on('/big.bin', respond(201))
    const content = seededBytes(8_000_000, 1)
    const file = fileWith(content, 'big.bin')
    const run = await runFerry(['upload', '-H', 'X-Build: 17', file, counted.url('/')])
    expect(run, run.stderr).toMatchObject({code: 0, stdout: ''})
    const [request] = counted.requestsOf('/big.bin').filter(({method}) => method === 'PUT')
    expect(request?.header('x-build')).toBe('17')
    const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
    expect(sha256(request?.body ?? Buffer.alloc(0))).toBe(sha256(content))
  })

  it('sends the file and nothing else as body, whatever else is asked for [R21]', async () => {
    const file = fileWith('the file')
    const env = {FERRY_HOME: scratchFolder()}
    const refused = await runFerry(['sessions', 'create', 'work', '-d', 'a=1'], {env})
    expect(refused.code).toBe(2)
    await runFerry(['sessions', 'create', 'work', '-H', 'Content-Type: text/x-work'], {env})
    const run = await runFerry(['upload', '--session', 'work', file, origin.url('/r21')], {env})
    expect(echoed(run)).toMatchObject({headers: {'content-type': 'text/x-work'}, body: 'the file'})
    const both = await runFerry(['upload', '-d', 'a=1', file, origin.url('/r21')], {env})
    expect(both.code).toBe(2)
    expect(origin.requestsOf('/r21')).toHaveLength(1)
  })

  it('tells progress up to the length of the file [3A 55]', async () => {
    const run = await runFerry(['upload', '--events', fileWith(Buffer.alloc(16_384, 'x')), origin.url('/55')])
    const progress = eventsOf(run).filter(({event}) => event === 'task.progress')
    expect(progress.at(-1)).toMatchObject({direction: 'send', total: 16_384, expected: 16_384})
  })

  it('puts each of several files into a folder under its own name', async () => {
    const files = ['a', 'b', 'c'].map(name => fileWith(`content of ${name}`, name))
    const run = await runFerry(['upload', '--json', ...files, origin.url('/many/')])
    expect(documentOf(run)).toMatchObject({ok: true, tasks: [{}, {}, {}]})
    for (const name of ['a', 'b', 'c'])
      expect(origin.requestsOf(`/many/${name}`)[0]?.body.toString()).toBe(`content of ${name}`)
  })

  it.each(['missing', '.'])('ends with 26 and asks nobody where it cannot be read: %s', async name => {
    const before = origin.connections
    const run = await runFerry(['upload', name, origin.url('/unread')])
    expect(run).toMatchObject({code: 26, stdout: ''})
    expect(explanation(run).code).toBe('READ_FAILED')
    expect(origin.connections).toBe(before)
  })

  it('may be nothing at all: an empty file is a body of no bytes', async () => {
    const run = await runFerry(['upload', fileWith(''), origin.url('/empty')])
    expect(echoed(run)).toMatchObject({method: 'PUT', headers: {'content-length': '0'}, body: ''})
  })
})

describe('ferry upload -', () => {
  it('asks for its body once and sends it in chunks [R43]', async () => {
    const run = await runFerry(['upload', '--events', '-', origin.url('/r43')], {input: 'piped'})
    expect(run, run.stderr).toMatchObject({code: 0})
    const asked = eventsOf(run).filter(({event}) => event === 'task.needNewBody')
    expect(asked.map(({reason}) => reason)).toEqual(['initial'])
    const [request] = origin.requestsOf('/r43')
    expect(request?.header('transfer-encoding')).toBe('chunked')
    expect(request?.body.toString()).toBe('piped')
  })

  it('tells of its body, of progress and of the response in this order [3A 79]', async () => {
    const run = await runFerry(['upload', '--events', '-', origin.url('/79')], {input: 'piped'})
    const told = order(run)
    const steps = ['task.needNewBody', 'task.progress', 'task.response', 'task.completed']
    expect(steps.map(step => told.indexOf(step))).toEqual(
      steps.map(step => told.indexOf(step)).toSorted((one, other) => one - other)
    )
    expect(told).toEqual(expect.arrayContaining(steps))
  })

  it.each(['PUT', 'POST', 'DELETE', 'PATCH'])('sends what it is given with %s [3A 9]', async method => {
    const input = 'a\0b\r\n\u00E9'
    const run = await runFerry(['upload', '-', '-X', method, origin.url('/9')], {input})
    expect(echoed(run)).toMatchObject({method, body: input})
  })

  it.each(['GET', 'HEAD'])('is refused with %s, and nobody is asked [3A 9]', async method => {
    const before = origin.connections
    const run = await runFerry(['upload', '-', '-X', method, origin.url('/9')], {input: 'x'})
    expect(run).toMatchObject({code: 2, stdout: ''})
    expect(origin.connections).toBe(before)
  })

  it('has the length of --length, or ends with 26 without a whole-looking body', async () => {
    const run = await runFerry(['upload', '--length', '5', '-', origin.url('/length')], {input: 'piped'})
    expect(echoed(run).headers['content-length']).toBe('5')
    for (const input of ['pipe', 'pipes and more']) {
      const wrong = await runFerry(['upload', '--length', '5', '-', origin.url('/wrong')], {input})
      expect(wrong, wrong.stderr).toMatchObject({code: 26})
    }
    expect(origin.requestsOf('/wrong').map(({bodyState}) => bodyState)).not.toContain('whole')
  })

  it('is sent again from a copy with --spool, which is gone afterwards; without one it ends with 26', async () => {
    origin.on('/moved', redirect(307, '/target'))
    const home = scratchFolder()
    const spooled = await runFerry(['upload', '--spool', '-', origin.url('/moved')], {
      input: 'piped',
      env: {FERRY_HOME: home}
    })
    expect(echoed(spooled)).toMatchObject({target: '/target', method: 'PUT', body: 'piped'})
    expect(filesIn(join(home, 'state', 'uploads'))).toEqual([])
    const lost = await runFerry(['upload', '-', origin.url('/moved')], {input: 'piped'})
    expect(lost, lost.stderr).toMatchObject({code: 26})
    expect(explanation(lost).next).toContain('--spool')
  })
})

describe('ferry upload -d and -F', () => {
  it('post data, and a 303 is followed with GET and no body [3A 10]', async () => {
    const run = await runFerry(['upload', '--data', 'foo=bar', origin.url('/303')])
    expect(run, run.stderr).toMatchObject({code: 0, stdout: 'Lima'})
    expect(origin.requestsOf('/303')).toMatchObject([{method: 'POST'}])
    expect(origin.requestsOf('/303')[0]?.body.toString()).toBe('foo=bar')
    expect(origin.requestsOf('/Peru')).toMatchObject([{method: 'GET', bodyLength: 0}])
    expect(origin.requestsOf('/Peru')[0]?.header('content-type')).toBeUndefined()
  })

  it.each(['POST', 'PUT', 'DELETE'])('announce the exact length of data with %s [3A 57]', async method => {
    const run = await runFerry(['upload', '-X', method, '-d', 'é=ü', origin.url('/57')])
    expect(echoed(run)).toMatchObject({
      method,
      headers: {'content-length': '5', 'content-type': 'application/x-www-form-urlencoded'},
      body: 'é=ü'
    })
  })

  it('are refused with GET, and for file: addresses, and nobody is asked [3A 57, 3D 111]', async () => {
    const before = origin.connections
    expect(await runFerry(['upload', '-X', 'GET', '-d', 'x', origin.url('/57')])).toMatchObject({code: 2})
    expect(await runFerry(['upload', '-d', 'x', 'file:///tmp/x'])).toMatchObject({code: 1})
    expect(origin.connections).toBe(before)
  })

  it('take data from standard input and from files of any size', async () => {
    const run = await runFerry(['upload', '-d', '@-', '-d', 'b', origin.url('/d')], {input: 'a\n'})
    expect(echoed(run).body).toBe('a&b')
    const file = fileWith('a\nb')
    const whole = await runFerry(['upload', '--data-binary', `@${file}`, origin.url('/d')])
    expect(echoed(whole)).toMatchObject({method: 'POST', headers: {'content-length': '3'}, body: 'a\nb'})
  })

  it('post a form that another reader takes apart', async () => {
    const file = fileWith('file\r\ncontent', 'report.pdf')
    const fields = ['-F', 'title=A & B', '-F', `file=@${file}`, '--form-string', 'raw=@x']
    const run = await runFerry(['upload', ...fields, origin.url('/form')])
    const request = origin.requestsOf('/form')[0]
    const read = await new Response(request?.body, {
      headers: {'content-type': request?.header('content-type') ?? ''}
    }).formData()
    expect(run.code).toBe(0)
    expect([read.get('title'), read.get('raw')]).toEqual(['A & B', '@x'])
    const sent = read.get('file')
    expect(sent).toMatchObject({name: 'report.pdf', type: 'application/pdf'})
    expect(await (sent as File).text()).toBe(readFileSync(file, 'utf8'))
  })
})

describe('ferry upload - on a terminal', () => {
  it('says that it waits for what is typed, and sends it', async () => {
    const ferry = startOnTerminal(['upload', '-o', '/dev/null', '-', origin.url('/typed')])
    await ferry.until(/what you type is sent, up to \^D/)
    ferry.press('typed\n\x04')
    expect(await ferry.done).toMatchObject({code: 0})
    expect(origin.requestsOf('/typed')[0]?.body.toString()).toBe('typed\n')
  })

  it.each([
    ['--data', ['-d', '@-'], 'typed'],
    ['-i', ['-i', '-'], undefined]
  ])('says of %s too that it is the terminal that is read', async (flag, words, sent) => {
    const ferry = startOnTerminal(['upload', '-o', '/dev/null', ...words, origin.url(`/flag${flag}/`)])
    await ferry.until(new RegExp(`${flag} reads this terminal: type it, then \\^D`))
    ferry.press(sent === undefined ? '\x04' : `${sent}\n\x04`)
    expect(await ferry.done).toMatchObject({code: 0})
    expect(origin.requestsOf(`/flag${flag}/`)[0]?.body.toString()).toBe(sent)
  })
})
