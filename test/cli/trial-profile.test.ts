import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {redirect, respond} from '../origin/handlers.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {Crossing} from './crossing.ts'
import {explanation} from './said.ts'
import {canary} from '../canary/canary.ts'

const createSecret = canary('create')

let origin: Origin
let user: Crossing

beforeAll(async () => {
  origin = await startOrigin()
  origin.on('/there', respond(200, {}, 'there'))
  origin.on('/here', redirect(302, '/there'))
})
afterAll(() => origin.close())
beforeEach(() => {
  user = new Crossing()
})

async function ferry(...words: readonly string[]): Promise<string> {
  const {code, stdout, stderr} = await user.run(words)
  expect(code, stderr).toBe(0)
  return stdout + stderr
}

describe('sessions create', () => {
  it('takes -u : beside --negotiate as get does, for nobody; alone it is no name', async () => {
    await ferry('sessions', 'create', 'realm', '-u', ':', '--negotiate')
    const shown = await ferry('sessions', 'show', 'realm')
    expect(shown).toContain('credentials.negotiate=true')
    expect(shown).not.toContain('credentials.user')
    expect((await user.run(['sessions', 'create', 'nobody', '-u', ':'])).code).toBe(2)
  })

  it('says what to do with a name and a password, and does not repeat the password', async () => {
    const refused = await user.run(['sessions', 'create', 'one', '-u', `ana:${createSecret}`])
    expect(refused.code).toBe(2)
    expect(explanation(refused).next).toContain('credentials.password=env:')
    expect(refused.stderr).not.toContain('canary')
  })

  it.each([
    ['-A', ''],
    ['-H', 'X-Empty;'],
    ['-H', 'X-Absent:']
  ])('explains that a session adds headers and takes none away: %s %j', async (...words) => {
    const refused = await user.run(['sessions', 'create', 'one', ...words])
    expect(refused.code).toBe(2)
    expect(explanation(refused).next).toMatch(/with get: -H "[\w-]+:"/)
  })

  it('takes --cookie-jar none for a file of that name, for the key alone has a word for no cookies', async () => {
    await ferry('sessions', 'create', 'one', '--cookie-jar', 'none')
    expect(await ferry('sessions', 'show', 'one')).toContain(`cookies.jar=${user.path('none')}`)
    await ferry('sessions', 'set', 'one', 'cookies.jar=none')
    expect(await ferry('sessions', 'show', 'one')).toContain('cookies.jar=none\n')
  })
})

describe('The hook of a session', () => {
  it('named by a path is the same program in every folder; one that the PATH finds keeps its name', async () => {
    const folder = user.path("an odd 'folder'")
    mkdirSync(folder)
    const script = '#!/bin/sh\ncat > /dev/null\necho \'{"decision":"deny"}\'\n'
    writeFileSync(`${folder}/decide`, script)
    chmodSync(`${folder}/decide`, 0o700)
    const created = await user.run(['sessions', 'create', 'one', '--on-redirect', './decide now'], {
      cwd: folder
    })
    expect(created.code, created.stderr).toBe(0)
    const args = ['get', '-q', '--session', 'one', '-o', '-', origin.url('/here')]
    const {code, stdout, stderr} = await user.run(args, {cwd: scratchFolder()})
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(stdout).not.toBe('there')
    await ferry('sessions', 'set', 'one', 'hooks.onRedirect=decide now')
    expect(await ferry('sessions', 'show', 'one')).toContain('hooks.onRedirect=decide now\n')
  })
})

describe('sessions set', () => {
  it.each([
    ['hosts.files.example.com=x', /at the end of "hosts\.files\.example\.com"/],
    ['description=words', /--description/],
    ['kind=ephemeral', /--kind/],
    ['tls.pins=sha256//AAAA', /sha256\/\//]
  ])('says of what it refuses how it is done: %s', async (word, expected) => {
    await ferry('sessions', 'create', 'one')
    const refused = await user.run(['sessions', 'set', 'one', word])
    expect(refused.code).toBe(2)
    expect(explanation(refused).why).toMatch(expected)
  })
})

describe('The help of a command', () => {
  it.each(['reset', 'flush'])('shows that a name may be left out: sessions %s', async command => {
    expect(await ferry('sessions', command, '--help')).toContain(`$ ferry sessions ${command} [NAME] [FLAGS]`)
  })

  it('shows that a name is needed where it is', async () => {
    expect(await ferry('sessions', 'show', '--help')).toContain('$ ferry sessions show NAME [FLAGS]')
  })
})
