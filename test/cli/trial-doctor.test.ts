import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {Crossing} from './crossing.ts'
import {diagnose} from './diagnosis.ts'

let origin: Origin
let user: Crossing

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', {body: 'content', entityTag: '"v1"'})
})
afterAll(() => origin.close())
beforeEach(() => {
  user = new Crossing()
  writeFileSync(user.path('text'), 'no certificate, no cookies')
  mkdirSync(user.path('folder'))
  symlinkSync(user.path('elsewhere'), user.path('link'))
})

const sessions: Readonly<Record<string, readonly string[]>> = {
  token: ['--oauth2-bearer', 'env:NOT_SET'],
  file: ['--oauth2-bearer', '@nowhere'],
  asks: ['-u', 'ana'],
  netrc: ['--netrc-file', 'nowhere'],
  cookies: ['-b', 'nowhere'],
  authority: ['--cacert', 'nowhere'],
  certificate: ['--cert', 'nowhere'],
  plain: []
}

async function prepare(words: string): Promise<void> {
  const [, name = ''] = /--session (\w+)/.exec(words) ?? []
  const flags = sessions[name]
  if (!flags) return
  const {code, stderr} = await user.run(['sessions', 'create', name, ...flags])
  expect(code, stderr).toBe(0)
}

describe('What doctor foretells', () => {
  it.each([
    [0, '-o G'],
    [0, '--session plain'],
    [0, '-H X-A:b -n'],
    [2, '--session token'],
    [2, '--session asks'],
    [2, '--user env:NOT_SET'],
    [2, '-x nohost'],
    [2, '-x socks4://127.0.0.1:1'],
    [2, '--oauth2-bearer env:NOT_SET'],
    [2, '--pinnedpubkey sha256//x'],
    [2, '--tlsv1.3 --tls-max 1.2'],
    [2, '--resolve nonsense'],
    [2, '--on-redirect a|b'],
    [2, '--on-challenge @profile'],
    [2, '--session plain --on-challenge @profile'],
    [2, '--if-exists verify'],
    [2, '-m 0'],
    [2, '--sha256 0'],
    [23, '-o folder'],
    [23, '-o nowhere/G'],
    [23, '-P nowhere'],
    [23, '--cookie-jar nowhere/jar'],
    [26, '--session file'],
    [26, '--session netrc'],
    [26, '--session cookies'],
    [26, '-b nowhere'],
    [26, '--netrc-file nowhere'],
    [58, '--cert nowhere'],
    [58, '--session certificate'],
    [77, '--cacert nowhere'],
    [77, '--cacert text'],
    [77, '--session authority'],
    [113, '-o link'],
    [116, '--session unknown']
  ])('is what happens: %i for %s', async (code, words) => {
    await prepare(words)
    const args = ['--retry', '0', ...words.split(' '), origin.url('/F')]
    const foretold = await diagnose(args, user.options)
    const happened = await user.run(['get', ...args])
    expect([foretold.code, happened.code], foretold.text + happened.stderr).toEqual([code, code])
  })
})

describe('doctor', () => {
  it('names the programs that decide, and warns of one that is not there', async () => {
    const args = ['--on-redirect', 'sh -c true', '--on-complete', './nowhere', origin.url('/F')]
    const {code, about} = await diagnose(args, user.options)
    expect(code).toBe(0)
    expect(about('session', 'note')).toContain('--on-redirect runs sh')
    expect(about('session', 'warning')).toEqual([expect.stringMatching(/--on-complete: .* as \.\/nowhere;/)])
  })
})
