import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import {join} from 'node:path'
import {setImmediate} from 'node:timers/promises'
import {describe, expect, it, onTestFinished} from 'vitest'
import {parseCookieFile} from '../../../src/engine/fields/cookie-file.ts'
import {CookieJarFile} from '../../../src/engine/storage/cookie-jar-file.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import type {RecordedSession} from '../recorded-session.ts'
import {StateFolder, cookieOrigin, cookiesSent, namesOf} from './cookie-scene.ts'
import {canary} from '../../canary/canary.ts'

const jarSecret = canary('jar')

const magic = '# Netscape HTTP Cookie File\n'
const row = (domain: string, name: string, tail = 'FALSE'): string =>
  `${domain}\t${tail}\t/\tFALSE\t0\t${name}\t1\n`

function jarFile(text?: string): string {
  const jar = join(scratchFolder(), 'cookies.txt')
  if (text !== undefined) writeFileSync(jar, text)
  return jar
}

function withJar(jar: string, state = new StateFolder()): RecordedSession {
  return state.session({changes: {cookies: {jar}}})
}

const namesIn = (jar: string): string[] =>
  parseCookieFile(readFileSync(jar, 'latin1'))
    .cookies.map(({name}) => name)
    .toSorted()

describe('a cookie file in the place of the store', () => {
  it('is read, and written with what servers said; the store knows nothing of it [P16]', async () => {
    const origin = await cookieOrigin(['a=1', 'fresh=2; Max-Age=60; HttpOnly'])
    const jar = jarFile(magic + row('127.0.0.1', 'old'))
    const state = new StateFolder()
    const recorded = withJar(jar, state)
    expect(await cookiesSent(recorded, origin)).toBe('old=1')
    await recorded.get(origin.url('/set'))
    await recorded.session.finishTasksAndInvalidate()
    expect(namesIn(jar)).toEqual(['a', 'fresh', 'old'])
    expect(readFileSync(jar, 'latin1')).toMatch(
      /^#HttpOnly_127\.0\.0\.1\tFALSE\t\/\tFALSE\t\d{10}\tfresh\t2$/m
    )
    expect(await cookiesSent(withJar(jar), origin, '/next')).toBe('old=1; a=1; fresh=2')
    expect(readdirSync(state.folder)).toEqual([])
  })

  it('gets what is said while it is being written when it is written the next time', async () => {
    const jar = jarFile()
    const shelf = new CookieJarFile(jar, () => {})
    const names: string[] = []
    const hear = async (): Promise<void> => {
      const name = `n${names.push(`n${names.length}`) - 1}`
      const facts = {hostOnly: true, path: '/', secure: false, httpOnly: false, expires: undefined}
      const now = Date.now()
      await shelf.put([{domain: `${name}.example`, name, value: '1', created: now, accessed: now, ...facts}])
    }
    await hear()
    let isWritten = false
    const written = shelf.flush().then(() => (isWritten = true))
    for (; !isWritten && names.length < 2000; await setImmediate()) await hear()
    await written
    await shelf.flush()
    expect(namesIn(jar)).toEqual(names.toSorted())
    expect(names.length).toBeGreaterThan(2)
  })

  it('stays untouched where nothing changed, and is not made for nothing', async () => {
    const origin = await cookieOrigin(['a=1'])
    const [kept, missing] = [jarFile(`${row('127.0.0.1', 'old')}# mine\n`), jarFile()]
    for (const jar of [kept, missing]) {
      const recorded = withJar(jar)
      await cookiesSent(recorded, origin)
      await recorded.session.finishTasksAndInvalidate()
    }
    expect(readFileSync(kept, 'latin1')).toBe(`${row('127.0.0.1', 'old')}# mine\n`)
    expect(readdirSync(join(missing, '..'))).toEqual([])
  })

  it('is merged with what another process wrote meanwhile; neither loses the other’s', async () => {
    const [one, other] = [await cookieOrigin(['one=1', 'old=; Max-Age=0']), await cookieOrigin(['other=1'])]
    const jar = jarFile(magic + row('127.0.0.1', 'old'))
    const sessions = [withJar(jar), withJar(jar)] as const
    await sessions[0].get(one.url('/set'))
    await sessions[1].get(other.url('/set'))
    await Promise.all(sessions.map(({session}) => session.flush()))
    expect(namesIn(jar)).toEqual(['one', 'other'])
    expect(readdirSync(join(jar, '..'))).toEqual(['cookies.txt'])
  })

  it('is closed to others when it is written, whatever the umask is and whoever could read it [CVE 17]', async () => {
    const before = process.umask(0)
    onTestFinished(() => void process.umask(before))
    const origin = await cookieOrigin(['a=1'])
    const [jar, open] = [jarFile(), jarFile(magic)]
    chmodSync(open, 0o644)
    for (const path of [jar, open]) {
      const recorded = withJar(path)
      await recorded.get(origin.url('/set'))
      await recorded.session.flush()
      expect((statSync(path).mode & 0o777).toString(8)).toBe('600')
    }
  })

  it('with a name as long as names can be is written whole [CVE 18]', async () => {
    const origin = await cookieOrigin(['a=1'])
    const jar = join(scratchFolder(), 'n'.repeat(255))
    writeFileSync(jar, magic + row('127.0.0.1', 'old'))
    const recorded = withJar(jar)
    await recorded.get(origin.url('/set'))
    await recorded.session.flush()
    expect(namesIn(jar)).toEqual(['a', 'old'])
  })

  it('behind a link is written where the link leads', async () => {
    const origin = await cookieOrigin(['a=1'])
    const jar = jarFile(magic)
    const link = join(scratchFolder(), 'link')
    symlinkSync(jar, link)
    const recorded = withJar(link)
    await recorded.get(origin.url('/set'))
    await recorded.session.flush()
    expect(namesIn(jar)).toEqual(['a'])
  })

  it('is written although a process died while it wrote', async () => {
    const origin = await cookieOrigin(['a=1'])
    const jar = jarFile()
    const first = withJar(jar)
    await first.get(origin.url('/set'))
    await first.session.flush()
    const folder = join(jar, '..')
    const {createHash} = await import('node:crypto')
    const mark = createHash('sha256').update('cookies.txt').digest('hex').slice(0, 16)
    const lock = join(folder, `.ferry-${mark}.lock`)
    for (const left of [lock, join(folder, `.ferry-${mark}~`)]) writeFileSync(left, '')
    utimesSync(lock, new Date(0), new Date(0))
    const second = withJar(jar)
    await second.get(origin.url('/set'))
    await second.session.flush()
    expect(readdirSync(folder)).toEqual(['cookies.txt'])
  })

  it('is emptied by a reset, and knows only what came after it [R62]', async () => {
    const origin = await cookieOrigin([`canary=${jarSecret}`])
    const jar = jarFile(magic + row('127.0.0.1', 'old'))
    const recorded = withJar(jar)
    await recorded.get(origin.url('/set'))
    await recorded.session.reset()
    expect(namesIn(jar)).toEqual([])
    expect(readFileSync(jar, 'latin1')).not.toContain(jarSecret)
    expect(await cookiesSent(recorded, origin)).toBeUndefined()
  })

  it.each([
    ['something else', (path: string) => writeFileSync(path, 'my diary\nof last summer\n'), 'REFUSED'],
    ['a folder', (path: string) => mkdirSync(path), 'READ_FAILED']
  ] as const)('that is %s fails the transfer and stays as it is', async (_what, make, code) => {
    const origin = await cookieOrigin(['a=1'])
    const jar = join(scratchFolder(), 'jar')
    make(jar)
    const recorded = withJar(jar)
    expect((await recorded.get(origin.url('/set'))).outcome).toMatchObject({error: {code}})
    await recorded.session.finishTasksAndInvalidate()
    expect(origin.requests).toEqual([])
    if (statSync(jar).isFile()) expect(readFileSync(jar, 'utf8')).toBe('my diary\nof last summer\n')
  })

  it('that cannot be written is told at the end of the session', async () => {
    const origin = await cookieOrigin(['a=1'])
    const recorded = withJar(join(scratchFolder(), 'gone', 'jar'))
    await recorded.get(origin.url('/set'))
    await expect(recorded.session.flush()).rejects.toMatchObject({code: 'WRITE_FAILED'})
    await recorded.session.finishTasksAndInvalidate()
    const last = recorded.calls.at(-1)
    expect(last).toMatchObject({name: 'didBecomeInvalidWithError', value: {code: 'WRITE_FAILED'}})
  })
})

describe('cookie files that are only read', () => {
  it('are sent beside what the session knows, win over it, and lose to what the server says next', async () => {
    const origin = await cookieOrigin(['old=server', 'new=server'])
    const source = jarFile(
      magic + row('127.0.0.1', 'old') + row('127.0.0.1', 'own') + row('h.example', 'foreign')
    )
    const text = readFileSync(source, 'latin1')
    const state = new StateFolder()
    await state.session().get(origin.url('/set'))
    const recorded = state.session({changes: {cookies: {sources: [source]}}})
    expect((await cookiesSent(recorded, origin))?.split('; ').toSorted()).toEqual([
      'new=server',
      'old=1',
      'own=1'
    ])
    await recorded.get(origin.url('/set'))
    const later = await cookiesSent(recorded, origin)
    expect(later?.split('; ').toSorted()).toEqual(['new=server', 'old=server', 'own=1'])
    expect(readFileSync(source, 'latin1')).toBe(text)
  })

  it('may hold the lines of an answer; those without a domain are for nobody, and that is told', async () => {
    const origin = await cookieOrigin([])
    const names = ['www.swift.org', 'other.example']
    const source = jarFile('HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Domain=swift.org\r\nSet-Cookie: b=2\r\n')
    const state = new StateFolder()
    const recorded = state.session({changes: {cookies: {sources: [source]}, ...namesOf(origin, names)}})
    for (const name of names) await recorded.get(`http://${name}:${origin.port}/echo`)
    expect(origin.requestsOf('/echo').map(request => request.header('cookie'))).toEqual(['a=1', undefined])
    expect(state.reports).toMatchObject([{message: expect.stringMatching(/^1 line/)}])
  })

  it('give no cookie to a public suffix [CVE 41]', async () => {
    const origin = await cookieOrigin([])
    const source = jarFile(magic + row('.co.uk', 'bad', 'TRUE') + row('.foo.co.uk', 'good', 'TRUE'))
    const changes = {cookies: {sources: [source]}, ...namesOf(origin, ['foo.co.uk'])}
    const recorded = new StateFolder().session({changes})
    await recorded.get(`http://foo.co.uk:${origin.port}/echo`)
    expect(origin.requestsOf('/echo')[0]?.header('cookie')).toBe('good=1')
  })

  it('that are not there fail the transfer before anything is sent', async () => {
    const origin = await cookieOrigin([])
    const recorded = new StateFolder().session({changes: {cookies: {sources: [jarFile()]}}})
    expect((await recorded.get(origin.url('/x'))).outcome).toMatchObject({error: {code: 'READ_FAILED'}})
    expect(origin.requests).toEqual([])
  })
})
