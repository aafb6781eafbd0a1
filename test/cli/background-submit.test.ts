import {existsSync, readFileSync, statSync} from 'node:fs'
import {beforeEach, describe, expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {until} from '../cli-run/daemon.ts'
import {respond} from '../origin/handlers.ts'
import {filesIn} from './files-in.ts'
import {backgroundCrossing, heldResource} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'
import {documentOf, eventsOf} from './said.ts'

let crossing: BackgroundCrossing

beforeEach(async () => {
  crossing = await backgroundCrossing()
  crossing.origin.serve('/F', {body: 'content', entityTag: '"v1"'})
})

describe('get --background', () => {
  it('returns while the download has not ended, which is on disk and outlives a kill [R64]', async () => {
    const held = heldResource('content', 3)
    crossing.origin.serve('/H', held)
    const id = await crossing.submit(['get', '--background', '-o', 'H', crossing.origin.url('/H')])
    expect(existsSync(crossing.path('H'))).toBe(false)
    process.kill((await crossing.daemon.status()).pid ?? 0, 'SIGKILL')
    held.letGo()
    expect(await crossing.run(['wait', id])).toMatchObject({code: 0, stdout: `${crossing.path('H')}\n`})
    expect(crossing.text('H')).toBe('content')
    expect(crossing.origin.requests.length).toBeGreaterThan(0)
  })

  it('has its tasks in the journal of the daemon when it returns [B3]', async () => {
    const id = await crossing.submit(['get', '--background', '--start-at', '1h', crossing.origin.url('/F')])
    process.kill((await crossing.daemon.status()).pid ?? 0, 'SIGKILL')
    expect(await crossing.task(id)).toMatchObject({id, state: 'waiting', session: 'background'})
    expect(crossing.origin.connections).toBe(0)
  })

  it('prints ids, one a line, and nothing of what becomes of them [B4]', async () => {
    const urls = ['/F', '/missing'].map(path => crossing.origin.url(path))
    const {code, stdout, stderr} = await crossing.run(['get', '--background', ...urls])
    expect(code).toBe(0)
    const ids = stdout.trim().split('\n')
    expect(ids).toHaveLength(2)
    expect(stderr).toBe(
      '2 transfers go on in the background\n' +
        `See with: ferry tasks. Wait with: ferry wait ${ids.join(' ')}\n`
    )
    expect(await crossing.run(['wait', ...ids])).toMatchObject({code: 22})
    expect(crossing.text('F')).toBe('content')
  })

  it('says where one goes and how to look at it, but not with -q, and not even ids with -s', async () => {
    const run = await crossing.run(['get', '--background', '-o', 'G', crossing.origin.url('/F')])
    const id = run.stdout.trim()
    expect(run.stderr).toBe(
      `G goes on in the background, into ${crossing.daemon.home}\n` +
        `See with: ferry tasks. Wait with: ferry wait ${id}\n`
    )
    expect(
      await crossing.run(['get', '--background', '-q', '-o', 'Q', crossing.origin.url('/F')])
    ).toMatchObject({code: 0, stdout: expect.stringMatching(/^\S+\n$/), stderr: ''})
    expect(
      await crossing.run(['get', '--background', '-s', '-o', 'S', crossing.origin.url('/F')])
    ).toMatchObject({code: 0, stdout: '', stderr: ''})
  })

  it('prints waiting records with --json, and what is created with --events', async () => {
    const url = crossing.origin.url('/F')
    const document = documentOf(await crossing.run(['get', '--background', '--json', '-o', 'J', url]))
    expect(document).toMatchObject({
      ok: true,
      tasks: [{state: 'waiting', session: 'background', path: crossing.path('J'), url}]
    })
    const events = eventsOf(await crossing.run(['get', '--background', '--events', '-o', 'E', url, url]))
    expect(events).toMatchObject([
      {seq: 0, event: 'task.created', session: 'background', kind: 'download', url},
      {seq: 1, event: 'task.created', session: 'background', kind: 'download', url}
    ])
    const [first] = document.tasks
    expect(await crossing.run(['wait', first?.id ?? ''])).toMatchObject({code: 0})
  })

  it('names ferry wait where CI is set, and nowhere else', async () => {
    const url = crossing.origin.url('/F')
    const {stdout, stderr} = await crossing.run(['get', '--background', '-o', 'G', url], {env: {CI: 'true'}})
    expect(stderr).toMatch(new RegExp(`^warning: .*CI.*ferry wait ${stdout.trim()}$`, 'm'))
    const without = await crossing.run(['get', '--background', '-o', 'H', url], {env: {CI: ''}})
    expect(without.stderr).not.toContain('warning')
  })

  it('warns where an address is too long for resume data, because an interruption would begin it again', async () => {
    const later = ['get', '--background', '--start-at', '1h', '-o', 'G']
    const [short, long] = [8000, 9000].map(length => crossing.origin.url(`/F?${'q'.repeat(length)}`))
    expect((await crossing.run([...later, short ?? ''])).stderr).not.toContain('warning')
    const {code, stdout, stderr} = await crossing.run([...later, long ?? ''])
    expect(code).toBe(0)
    expect(stderr).toContain('too long for resume data')
    expect(stderr).toContain(`(${stdout.trim()})`)
  })

  it('takes a list from a pipe, and ids go into one', async () => {
    const list = `${crossing.origin.url('/F')}\n`
    const id = await crossing.submit(['get', '--background', '-i', '-'], {input: list})
    expect(await crossing.run(['wait', id, '--json'])).toMatchObject({code: 0})
  })

  it('keeps the umask of whoever submits, and not that of the daemon', async () => {
    await crossing.daemon.start()
    const before = process.umask(0o077)
    try {
      const id = await crossing.submit(['get', '--background', '-o', 'P', crossing.origin.url('/F')])
      await crossing.run(['wait', id])
    } finally {
      process.umask(before)
    }
    expect(statSync(crossing.path('P')).mode & 0o777).toBe(0o600)
  })

  it('follows redirections, whatever they lead to [B5]', async () => {
    crossing.origin.on('/from', respond(302, {location: crossing.origin.url('/F')}))
    const id = await crossing.submit(['get', '--background', '-o', 'R', crossing.origin.url('/from')])
    expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
    expect(crossing.origin.requests.map(({target}) => target)).toEqual(['/from', '/F'])
  })

  it('keeps a secret on disk as long as its task needs it, for nobody else, and no longer', async () => {
    const secret = canary('handed', crossing.origin)
    const held = heldResource('content', 3)
    crossing.origin.serve('/H', held)
    const env = {LOGIN: `user:${secret}`}
    const words = ['get', '--background', '-o', 'R', '-u', 'env:LOGIN', crossing.origin.url('/H')]
    const id = await crossing.submit(words, {env})
    expect(journalText()).toContain(secret)
    expect(statSync(crossing.path('state/background/journal.sqlite')).mode & 0o777).toBe(0o600)
    held.letGo()
    expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
    expect(crossing.origin.requests[0]?.header('authorization')).toMatch(/^Basic /)
    await until(() => !journalText().includes(secret))
  })
})

describe('--start-at and --window', () => {
  it('begin later, and not before [P25]', async () => {
    const url = crossing.origin.url('/F')
    const later = await crossing.run(['get', '--background', '--start-at', '2099-05-06T07:08', url])
    expect(later.stderr).toContain(', from 2099-05-06 07:08\n')
    const begun = performance.now()
    const soon = await crossing.submit(['get', '--background', '--start-at', '1s', '-o', 'S', url])
    expect(await crossing.run(['wait', soon])).toMatchObject({code: 0})
    expect(crossing.origin.requests.map(({at}) => at - begun > 1_000)).toEqual([true])
    expect(await crossing.task(later.stdout.trim())).toMatchObject({state: 'waiting'})
    expect(existsSync(crossing.path('F'))).toBe(false)
  })

  it('can be kept by a session: its hours hold for each of its transfers', async () => {
    const hour = (new Date().getHours() + 12) % 24
    const two = (number: number): string => String(number % 24).padStart(2, '0')
    const window = `${two(hour)}:00-${two(hour + 1)}:00`
    const words = ['sessions', 'create', 'nightly', '--kind', 'background', '--window', window]
    expect(await crossing.run(words)).toMatchObject({code: 0})
    const made = await crossing.run(['get', '--session', 'nightly', crossing.origin.url('/F')])
    expect(made.stderr).toContain(
      `F goes on in the background (session nightly), into ${crossing.daemon.home}, between ${window.replace('-', ' and ')}\n`
    )
    expect(await crossing.task(made.stdout.trim())).toMatchObject({state: 'waiting', session: 'nightly'})
    expect(crossing.origin.connections).toBe(0)
  })
})

describe('upload --background', () => {
  beforeEach(() => crossing.origin.on('/up', respond(201, {}, 'stored\n')))

  it('sends a file, and reports what the server answered', async () => {
    crossing.write('U', 'what is sent')
    const id = await crossing.submit(['upload', '--background', 'U', crossing.origin.url('/up')])
    expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
    expect(await crossing.task(id)).toMatchObject({state: 'completed', status: 201, kind: 'upload'})
    expect(crossing.origin.requests.map(({body}) => String(body))).toContain('what is sent')
  })

  it('sends a copy of standard input with --spool, which is gone in the end', async () => {
    const words = ['upload', '--background', '--spool', '-', crossing.origin.url('/up')]
    const id = await crossing.submit(words, {input: 'from a pipe'})
    expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
    expect(crossing.origin.requests.map(({body}) => String(body))).toContain('from a pipe')
    await until(() => spools().length === 0)
  })

  it('fails with 26 where the file has changed before its turn [B8]', async () => {
    crossing.write('U', 'before')
    const before = heldResource('content', 3)
    crossing.origin.serve('/H', before)
    await crossing.run(['sessions', 'create', 'single', '--kind', 'background', '--parallel-max', '1'])
    await crossing.submit(['get', '--session', 'single', '-o', 'H', crossing.origin.url('/H')])
    const id = await crossing.submit(['upload', '--session', 'single', 'U', crossing.origin.url('/up')])
    expect(await crossing.task(id)).toMatchObject({state: 'waiting'})
    crossing.write('U', 'after that')
    before.letGo()
    expect(await crossing.run(['wait', id])).toMatchObject({code: 26})
    expect(crossing.origin.requests.map(({target}) => target)).toEqual(['/H'])
    expect(readFileSync(crossing.path('U'), 'utf8')).toBe('after that')
  })
})

function journalText(): string {
  const files = filesIn(crossing.path('state/background'))
  return files.map(({content}) => content).join('')
}

function spools(): readonly string[] {
  return filesIn(crossing.path('state/uploads')).map(({path}) => path)
}
