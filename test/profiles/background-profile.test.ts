import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import {readKeyValue} from '../../src/cli/key-value.ts'
import {chooseSession} from '../../src/cli/session-choice.ts'
import {describeConfiguration} from '../../src/profiles/configuration.ts'
import {changeProfile, createProfile} from '../../src/profiles/profile-changes.ts'
import {listProfiles, readProfile} from '../../src/profiles/profile-file.ts'
import type {Profile} from '../../src/profiles/profile.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

let place: {folder: string; warn: () => void}

beforeEach(() => {
  place = {folder: scratchFolder(), warn: () => {}}
})

function create(
  kind: Profile['kind'],
  values: Profile['values'] = {},
  name: string = 'nightly'
): Promise<Profile> {
  return createProfile({name, kind, description: undefined, values}, place)
}

describe('The name of a background session', () => {
  it('is its identifier, for the built-in one and for those that were made [P1, R12]', async () => {
    await create('background')
    for (const name of ['background', 'nightly']) {
      const profile = await readProfile(name, place)
      expect(describeConfiguration(profile)).toMatchObject({identifier: name, waitsForConnectivity: true})
      const {configuration} = await chooseSession({session: name}, {changes: {}, folder: place.folder})
      expect(configuration).toMatchObject({kind: 'background', keys: {identifier: name}})
    }
    expect((await listProfiles(place)).map(({name, kind}) => `${name} ${kind}`)).toContain(
      'nightly background'
    )
  })

  it('cannot be set beside it, and other sessions have none [P1]', async () => {
    expect(() => readKeyValue('identifier=other')).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION_REFUSED',
        message: expect.stringContaining('the name of')
      })
    )
    await create('default')
    expect(describeConfiguration(await readProfile('nightly', place))).toMatchObject({identifier: null})
  })
})

describe('The hours of a session', () => {
  const hours = {'discretionary.window': '22:30-06:00'}

  it('are kept for a background session and belong to its configuration [P8]', async () => {
    await create('background', hours)
    const {configuration} = await chooseSession({session: 'nightly'}, {changes: {}, folder: place.folder})
    expect(configuration.keys.discretionary.window).toBe('22:30-06:00')
  })

  it.each(['default', 'ephemeral'] as const)(
    'are refused for every other one, when it is made and when it is changed: %s',
    async kind => {
      const refused = {
        code: 'CONFIGURATION_REFUSED',
        message: expect.stringContaining('discretionary.window')
      }
      await expect(create(kind, hours)).rejects.toMatchObject(refused)
      await create(kind)
      await expect(changeProfile('nightly', () => hours, place)).rejects.toMatchObject(refused)
      expect(await readProfile('nightly', place)).toMatchObject({revision: 1, values: {}})
    }
  )
})

const contrary: readonly (readonly [string, string | number | boolean])[] = [
  ['waitsForConnectivity', false],
  ['redirects.follow', false],
  ['redirects.max', 0],
  ['hosts.files.example.com.redirects.follow', false],
  ['cache.policy', 'cacheOnly'],
  ['cache.store', true],
  ['cache.diskBytes', 1],
  ['hooks.onRedirect', '/opt/ask'],
  ['hooks.onChallenge', '/opt/ask'],
  ['hooks.onResponse', '/opt/ask'],
  ['hooks.onCache', '/opt/ask']
]

describe('A background session', () => {
  it.each(contrary)('that was told otherwise than it is by nature is not made: %s=%s', async (key, value) => {
    await expect(create('background', {[key]: value})).rejects.toMatchObject({
      code: 'CONFIGURATION_REFUSED',
      message: expect.stringContaining(key.replace(/^hosts\.files\.example\.com\./, ''))
    })
    await create('default', {[key]: value})
  })

  it('may have a command for the end of its transfers, and every key that means something there', async () => {
    await create('background', {'hooks.onComplete': '/opt/tell', 'timeouts.total': 60, 'cache.store': false})
    const {configuration, hooks} = await chooseSession(
      {session: 'nightly'},
      {changes: {limits: {rate: 5}}, folder: place.folder}
    )
    expect(hooks).toEqual({onComplete: '/opt/tell'})
    expect(configuration.keys).toMatchObject({timeouts: {total: 60}, limits: {rate: 5}})
  })

  it('that somebody gave a question by hand is refused where it is used, and can be mended', async () => {
    const configuration = {'hooks.onResponse': '/opt/ask'}
    const stored = {kind: 'background', revision: 1, description: null, configuration}
    mkdirSync(place.folder, {recursive: true})
    const file = join(place.folder, 'sessions.json')
    writeFileSync(file, JSON.stringify({version: 1, sessions: {nightly: stored}}), {mode: 0o600})
    await expect(readProfile('nightly', place)).rejects.toMatchObject({
      code: 'CONFIGURATION_REFUSED',
      message: expect.stringContaining('hooks.onResponse')
    })
    await changeProfile('nightly', () => ({}), place)
    expect(await readProfile('nightly', place)).toMatchObject({kind: 'background', revision: 2})
  })

  it('refuses what a command line asks of it and it cannot do', async () => {
    for (const changes of [{redirects: {follow: false}}, {waitsForConnectivity: false}])
      await expect(chooseSession({background: true}, {changes, folder: place.folder})).rejects.toMatchObject({
        code: 'CONFIGURATION_REFUSED'
      })
  })
})
