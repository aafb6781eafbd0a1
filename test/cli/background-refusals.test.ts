import {execFileSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {beforeEach, describe, expect, it} from 'vitest'
import {backgroundCrossing} from './background-crossing.ts'
import type {BackgroundCrossing} from './background-crossing.ts'
import {explanation} from './said.ts'

let crossing: BackgroundCrossing

beforeEach(async () => {
  crossing = await backgroundCrossing()
  crossing.write('F', 'content')
})

/** The words are refused with 2, the reason and a way on, before a daemon is started or a server asked. */
async function expectRefused(words: readonly string[], why: RegExp): Promise<void> {
  const run = await crossing.run(words)
  expect(run, run.stderr).toMatchObject({code: 2, stdout: ''})
  expect(explanation(run).why).toMatch(why)
  expect(crossing.origin.connections).toBe(0)
  expect(existsSync(crossing.path('state/background'))).toBe(false)
}

const forGet: readonly (readonly string[])[] = [
  ['-o', '-'],
  ['-I'],
  ['-X', 'POST'],
  ['-w', '%{http_code}'],
  ['-D', 'heads'],
  ['-o', '-', '--show-headers'],
  ['--etag-save', 'tag'],
  ['--on-redirect', 'cat'],
  ['--on-challenge', 'cat'],
  ['--on-response', 'cat'],
  ['--on-cache', 'cat'],
  ['-o', '-', '--download-if', 'text/plain'],
  ['-o', '-', '--download-over', '1k'],
  ['--no-location'],
  ['--cookie-jar', 'jar'],
  ['--fail-early'],
  ['--suspended'],
  ['--ephemeral'],
  ['--max-redirs', '0'],
  ['--resume-data', 'F.ferry']
]

describe('get --background says what it cannot do, and what to do instead', () => {
  it.each(forGet.map(flags => ({flags, name: flags.join(' ')})))('with $name', async ({flags}) => {
    await expectRefused(['get', '--background', ...flags, crossing.origin.url('/F')], /background|ephemeral/)
  })

  it('also where a session of that kind is named, or --background comes with another', async () => {
    expect(await crossing.run(['sessions', 'create', 'nightly', '--kind', 'background'])).toMatchObject({
      code: 0
    })
    await expectRefused(
      ['get', '--session', 'nightly', '-o', '-', crossing.origin.url('/F')],
      /standard output/
    )
    await expectRefused(
      ['get', '--session', 'nightly', '--background', crossing.origin.url('/F')],
      /different sessions/
    )
  })

  it.each(['tomorrow', '25:00', '2026-13-01', '-5m'])('with --start-at %s', async time => {
    await expectRefused(
      ['get', '--background', `--start-at=${time}`, crossing.origin.url('/F')],
      /needs a time/
    )
  })

  it.each(['1-5', '25:00-26:00', '01:00', '01:00-24:00', ''])('with --window %s', async window => {
    await expectRefused(
      ['get', '--background', '--window', window, crossing.origin.url('/F')],
      /--window needs two times of the day/
    )
  })

  it('but not a scheme that nobody speaks with another code than ever [B5]', async () => {
    expect(await crossing.run(['get', '--background', 'ftp://127.0.0.1/F'])).toMatchObject({code: 1})
  })
})

it('names a folder that is not there to the person who still is, unless it is to be made', async () => {
  crossing.origin.serve('/F', {body: 'content', entityTag: '"v1"'})
  const words = ['get', '--background', '-P', 'missing/folder', crossing.origin.url('/F')]
  const run = await crossing.run(words)
  expect(run).toMatchObject({code: 23, stdout: ''})
  expect(explanation(run).next).toContain('--create-dirs')
  expect(existsSync(crossing.path('state/background'))).toBe(false)
  const id = await crossing.submit([...words, '--create-dirs'])
  expect(await crossing.run(['wait', id])).toMatchObject({code: 0})
  expect(crossing.text('missing/folder/F')).toBe('content')
})

describe('In the foreground, what only a background session can wait for is refused', () => {
  it.each([
    ['--start-at', '5m'],
    ['--window', '01:00-05:00']
  ])('%s [P25]', async (flag, value) => {
    await expectRefused(['get', flag, value, crossing.origin.url('/F')], /for background sessions/)
    await expectRefused(['upload', flag, value, 'F', crossing.origin.url('/F')], /for background sessions/)
  })
})

const forUpload: readonly (readonly string[])[] = [
  ['-d', 'data'],
  ['-d', '@F'],
  ['-F', 'name=value'],
  ['-', '--length', '4'],
  ['-o', 'answer', 'F'],
  ['--aws-sigv4', 'aws:amz', 'F'],
  ['-w', '%{http_code}', 'F'],
  ['-D', 'heads', 'F'],
  ['--show-headers', 'F'],
  ['--etag-save', 'tag', 'F'],
  ['--on-response', 'cat', 'F'],
  ['--suspended', 'F']
]

describe('upload --background sends files alone', () => {
  it.each(forUpload.map(words => ({words, name: words.join(' ')})))('and refuses $name', async ({words}) => {
    await expectRefused(['upload', '--background', ...words, crossing.origin.url('/F')], /background/)
  })

  it('and no pipe, which is gone when its turn comes', async () => {
    execFileSync('mkfifo', [crossing.path('pipe')])
    await expectRefused(['upload', '--background', 'pipe', crossing.origin.url('/F')], /pipe or a device/)
  })
})

it('resume --background takes nothing that would make another transfer of it', async () => {
  crossing.origin.serve('/F', {body: 'content', entityTag: '"v1"'})
  const made = await crossing.run(['get', '--suspended', '-o', 'G', crossing.origin.url('/F')])
  const id = made.stdout.trim()
  for (const flags of [['--url', crossing.origin.url('/G')], ['--if-exists', 'replace'], ['--no-restart']])
    await expectRefused(['resume', '--background', ...flags, id], /as it was begun/)
  await expectRefused(['resume', '--start-at', '5m', id], /for background sessions/)
})
