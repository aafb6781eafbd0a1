import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {writeResumeData} from '../../src/engine/resume-data.ts'
import type {DownloadResumeData} from '../../src/engine/index.ts'
import {startOrigin} from '../origin/origin.ts'
import type {Origin} from '../origin/origin.ts'
import {Crossing, firstBytes, serveHeld} from './crossing.ts'
import {diagnose} from './diagnosis.ts'
import type {Diagnosis} from './diagnosis.ts'
import {canary} from '../canary/canary.ts'

const linkSecret = canary('link')

let origin: Origin
beforeAll(async () => {
  origin = await startOrigin()
})
afterAll(() => origin.close())

/** A download of /F that was paused half-way, and then something happened to what it left. */
class Paused extends Crossing {
  get url(): string {
    return origin.url('/F')
  }

  diagnose(...flags: readonly string[]): Promise<Diagnosis> {
    return diagnose(['-o', 'F', ...flags, this.url], this.options)
  }

  async get(...flags: readonly string[]): Promise<number | null> {
    return (await this.run(['get', '-o', 'F', ...flags, this.url])).code
  }

  /** Writes F.ferry anew, signed with a key. */
  async alter(change: (data: DownloadResumeData) => DownloadResumeData, key = this.#key()): Promise<void> {
    const path = this.path('F.ferry')
    const {integrity: _hash, signature: _mark, ...data} = JSON.parse(readFileSync(path, 'utf8'))
    await writeResumeData(path, change(data as DownloadResumeData), {key, flush: 'none'})
  }

  #key(): Buffer {
    return readFileSync(join(this.home, 'state', 'resume.key'))
  }
}

async function paused(mishap: (paused: Paused) => unknown): Promise<Paused> {
  const crossing = new Paused()
  await crossing.pausedHalf(origin, 'F')
  await mishap(crossing)
  return crossing
}

describe('doctor on a paused download', () => {
  it('says where it would continue, and touches nothing', async () => {
    const crossing = await paused(() => {})
    const before = readFileSync(crossing.path('F.ferry'), 'utf8')
    const requests = origin.requests.length
    const {code, about} = await crossing.diagnose()
    expect(code).toBe(0)
    expect(about('resume')).toEqual([expect.stringMatching(/^continues at \d+ KiB of 391 KiB/)])
    expect(readFileSync(crossing.path('F.ferry'), 'utf8')).toBe(before)
    expect(readFileSync(crossing.path('F.part'))).toHaveLength(firstBytes)
    expect(origin.requests).toHaveLength(requests)
  })

  it.each<[string, RegExp, (paused: Paused) => unknown]>([
    ['the partial file is missing', /is missing/, left => unlinkSync(left.path('F.part'))],
    ['it is too short', /is shorter than/, left => truncateSync(left.path('F.part'), 1000)],
    [
      'it is another file',
      /last bytes .* are not those/,
      left => writeFileSync(left.path('F.part'), Buffer.alloc(firstBytes))
    ],
    ['it has a second name', /with one name/, left => linkSync(left.path('F.part'), left.path('other'))],
    [
      'the server gave nothing to recognise the version by',
      /no strong ETag/,
      paused => paused.alter(data => ({...data, response: {...data.response, entityTag: null}}))
    ],
    [
      'the server takes no ranges',
      /takes no ranges/,
      paused => paused.alter(data => ({...data, response: {...data.response, acceptRanges: 'none'}}))
    ],
    [
      'it is of another address',
      /is of another address \(http:.*\/G\?token=\*\*\*\)/,
      paused =>
        paused.alter(data => ({
          ...data,
          originalRequest: {...data.originalRequest, url: origin.url(`/G?token=${linkSecret}`)}
        }))
    ]
  ])('warns that it begins again when %s, which is no failure', async (_what, message, mishap) => {
    const crossing = await paused(mishap)
    const {code, about, text} = await crossing.diagnose()
    expect(code).toBe(0)
    expect(about('resume', 'warning')).toEqual([expect.stringMatching(message)])
    expect(text).not.toContain('canary-')
    expect(await crossing.get()).toBe(0)
  })

  it('says that --no-restart would end it with 33 then', async () => {
    const crossing = await paused(left => unlinkSync(left.path('F.part')))
    expect(await crossing.diagnose('--no-restart')).toMatchObject({code: 33})
    expect(await crossing.get('--no-restart')).toBe(33)
  })

  it.each<[string, RegExp, (paused: Paused) => unknown]>([
    [
      'the resume data is damaged',
      /it is damaged/,
      left => {
        const text = readFileSync(left.path('F.ferry'), 'utf8')
        writeFileSync(left.path('F.ferry'), text.replace('"paused"', '"failed"'))
      }
    ],
    ['it is something else', /not JSON/, left => writeFileSync(left.path('F.ferry'), 'mine')],
    [
      'a newer ferry wrote it',
      /newer/,
      left => {
        const text = readFileSync(left.path('F.ferry'), 'utf8')
        writeFileSync(left.path('F.ferry'), text.replace('"version": 1', '"version": 9'))
      }
    ],
    [
      'another user signed it',
      /not made by this user/,
      paused => paused.alter(data => data, Buffer.alloc(32, 3))
    ],
    [
      'the key of this user is gone',
      /not made by this user/,
      ({home}) => unlinkSync(join(home, 'state', 'resume.key'))
    ]
  ])('ends with 111 when %s, as the get would', async (_what, message, mishap) => {
    const crossing = await paused(mishap)
    const {code, findings} = await crossing.diagnose()
    expect(code).toBe(111)
    const problems = findings.filter(({level}) => level === 'problem')
    expect(problems).toMatchObject([{topic: 'resume', hint: expect.any(String)}])
    expect(problems[0]?.message).toMatch(message)
    expect(await crossing.get()).toBe(111)
  })

  it('ends with 112 and names the process while another one has the target', async () => {
    const crossing = new Paused()
    const {release} = serveHeld(origin, '/F')
    const ferry = crossing.start(['get', '-o', 'F', crossing.url])
    await crossing.isUnderWay('F', ferry)
    const {code, about} = await crossing.diagnose()
    expect(code).toBe(112)
    expect(about('resume', 'problem')[0]).toContain(`process ${ferry.pid}`)
    release()
    expect(await ferry.done).toMatchObject({code: 0})
    expect(await crossing.diagnose()).toMatchObject({code: 0})
  })

  it.each<[string, readonly string[]]>([
    ['ephemeral session', ['--ephemeral']],
    ['--no-resume', ['--no-resume']],
    ['-r', ['-r', '0-9']],
    ['--compressed', ['--compressed']],
    ['only GET', ['-X', 'POST']]
  ])('notes what passes it by: %s', async (reason, flags) => {
    const crossing = await paused(() => {})
    const {code, about} = await crossing.diagnose(...flags)
    expect(code).toBe(0)
    expect(about('resume', 'note')).toEqual([expect.stringContaining(reason)])
  })
})

describe('doctor on a target', () => {
  it('tells a new file from one that is replaced, kept or in the way', async () => {
    const crossing = new Paused()
    const target = async (...flags: readonly string[]) => (await crossing.diagnose(...flags)).about('target')
    expect(await target()).toEqual([`${crossing.path('F')}: a new file`])
    writeFileSync(crossing.path('F'), 'old')
    expect(await target()).toEqual([expect.stringContaining('exists (3 B), and is replaced')])
    expect(await target('--if-exists', 'skip')).toEqual([expect.stringContaining('nothing is fetched')])
    expect(await target('--if-exists', 'rename')).toEqual([expect.stringContaining('another name')])
    expect(await crossing.diagnose('--if-exists', 'fail')).toMatchObject({code: 113})
    expect(await crossing.get('--if-exists', 'fail')).toBe(113)
  })

  it('ends with 23 without a folder, which --create-dirs would make', async () => {
    const crossing = new Paused()
    expect(await crossing.diagnose('-P', 'missing')).toMatchObject({code: 23})
    expect(await crossing.diagnose('-P', 'missing', '--create-dirs')).toMatchObject({code: 0})
    mkdirSync(crossing.path('F'))
    expect(await crossing.diagnose()).toMatchObject({code: 23})
  })

  it('names a partial file that nobody knows, and says that standard output has nothing to resume', async () => {
    const crossing = await paused(left => {
      copyFileSync(left.path('F.part'), left.path('G.part'))
    })
    const stray = await diagnose(['-o', 'G', origin.url('/G')], crossing.options)
    expect(stray.about('target', 'warning')[0]).toContain('G.part is there without resume data')
    const data = await diagnose(['-o', '-', origin.url('/G')], crossing.options)
    expect(data.about('target')).toEqual(['standard output: nothing to resume'])
    expect(data.about('resume')).toEqual([])
  })
})
