import {chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import {changeProfile, createProfile, removeProfiles} from '../../src/profiles/profile-changes.ts'
import {listProfiles, readProfile} from '../../src/profiles/profile-file.ts'
import type {Profile} from '../../src/profiles/profile.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {canary} from '../canary/canary.ts'

const handSecret = canary('hand')

let folder: string
let file: string
let warnings: string[]
const place = {
  get folder() {
    return folder
  },
  warn: (sentence: string) => void warnings.push(sentence)
}

beforeEach(() => {
  folder = join(scratchFolder(), 'config')
  file = join(folder, 'sessions.json')
  warnings = []
})

function profile(name: string, values: Profile['values'] = {}): Omit<Profile, 'revision'> {
  return {name, kind: 'default', description: undefined, values}
}

function write(content: unknown): string {
  mkdirSync(folder, {recursive: true})
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  writeFileSync(file, text, {mode: 0o600})
  return text
}

const stored = {kind: 'default', revision: 1, description: null, configuration: {}}

describe('The file of sessions', () => {
  it('is made at the first change, for this user alone, and not by looking', async () => {
    expect(await listProfiles(place)).toMatchObject([
      {name: 'shared'},
      {name: 'ephemeral'},
      {name: 'background'}
    ])
    await expect(readProfile('ci', place)).rejects.toMatchObject({code: 'SESSION_UNKNOWN'})
    expect(existsSync(folder)).toBe(false)
    await createProfile(profile('ci', {'timeouts.idle': 5}), place)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await readProfile('ci', place)).toMatchObject({revision: 1, values: {'timeouts.idle': 5}})
  })

  it('that is open to others is read with a warning, and closed when it is written', async () => {
    await createProfile(profile('ci'), place)
    chmodSync(file, 0o644)
    await readProfile('ci', place)
    expect(warnings).toEqual([expect.stringContaining(`chmod 600 '${file}'`)])
    expect(statSync(file).mode & 0o777).toBe(0o644)
    await createProfile(profile('other'), place)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['no JSON', '{"version": 1, "sess'],
    ['nothing', ''],
    ['something else', '[]'],
    ['a session that is none', {version: 1, sessions: {ci: {...stored, revision: 'new'}}}],
    ['a field that nobody knows', {version: 1, sessions: {ci: {...stored, colour: 'red'}}}],
    ['a name that no session may have', {version: 1, sessions: {'../ci': stored}}]
  ])('that holds %s is refused with its path and left as it is', async (_what, content) => {
    const text = write(content)
    const refused = {code: 'READ_FAILED', message: expect.stringContaining(file)}
    await expect(readProfile('ci', place)).rejects.toMatchObject(refused)
    await expect(listProfiles(place)).rejects.toMatchObject(refused)
    await expect(createProfile(profile('new'), place)).rejects.toMatchObject(refused)
    expect(readFileSync(file, 'utf8')).toBe(text)
    expect(await readProfile('shared', place)).toMatchObject({name: 'shared'})
  })

  it('that a newer version wrote is refused and left as it is', async () => {
    const text = write({version: 2, sessions: {ci: stored}})
    const refused = {code: 'CONFIGURATION_REFUSED', message: expect.stringContaining('newer ferry')}
    await expect(readProfile('ci', place)).rejects.toMatchObject(refused)
    await expect(createProfile(profile('new'), place)).rejects.toMatchObject(refused)
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('that has a key of another version is refused where that session is used, and nowhere else', async () => {
    const configuration = {'timeouts.idle': 5, 'timeouts.imaginary': 5}
    const text = write({version: 1, sessions: {ci: {...stored, configuration}, fine: stored}})
    const refused = {
      code: 'CONFIGURATION_REFUSED',
      message: expect.stringContaining('"timeouts.imaginary"'),
      hint: expect.stringContaining('ferry sessions unset ci timeouts.imaginary')
    }
    await expect(readProfile('ci', place)).rejects.toMatchObject(refused)
    await expect(changeProfile('ci', values => values, place)).rejects.toMatchObject(refused)
    expect(readFileSync(file, 'utf8')).toBe(text)
    await expect(readProfile('fine', place)).resolves.toMatchObject({name: 'fine'})
    await createProfile(profile('new'), place)
    expect(readFileSync(file, 'utf8')).toContain('timeouts.imaginary')
  })

  it('may hold a value by hand only where ferry would have taken it', async () => {
    write({
      version: 1,
      sessions: {ci: {...stored, configuration: {'credentials.password': handSecret}}}
    })
    await expect(readProfile('ci', place)).rejects.toMatchObject({
      code: 'CONFIGURATION_REFUSED',
      message: expect.not.stringContaining('canary')
    })
  })
})

describe('A change', () => {
  it('counts the revision up by one, whatever it is [R58]', async () => {
    await createProfile(profile('ci'), place)
    const revisions: number[] = []
    for (const idle of [5, 5, undefined]) {
      const {revision} = await changeProfile('ci', values => ({...values, 'timeouts.idle': idle}), place)
      revisions.push(revision)
    }
    expect(revisions).toEqual([2, 3, 4])
    expect(await readProfile('ci', place)).toMatchObject({revision: 4, values: {}})
  })

  it('that is refused changes nothing, its revision included', async () => {
    await createProfile(profile('ci'), place)
    const text = readFileSync(file, 'utf8')
    for (const values of [{'tls.key': '/key.pem'}, {'tls.min': 'TLSv1.3', 'tls.max': 'TLSv1.2'}]) {
      await expect(changeProfile('ci', () => values, place)).rejects.toMatchObject({
        code: 'CONFIGURATION_REFUSED'
      })
    }
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('by many at once loses nothing', async () => {
    await createProfile(profile('ci'), place)
    await Promise.all(
      Array.from({length: 8}, (_, index) =>
        changeProfile('ci', values => ({...values, [`headers.X-${index}`]: 'a'}), place)
      )
    )
    const {revision, values} = await readProfile('ci', place)
    expect({revision, count: Object.keys(values).length}).toEqual({revision: 9, count: 8})
  })

  it('leaves nothing beside the file but its empty lock', async () => {
    await createProfile(profile('ci'), place)
    expect(readdirSync(folder).toSorted()).toEqual(['sessions.json', 'sessions.lock'])
    expect(statSync(join(folder, 'sessions.lock')).size).toBe(0)
  })

  it('takes several sessions away, or none', async () => {
    for (const name of ['a', 'b']) await createProfile(profile(name), place)
    await expect(removeProfiles(['a', 'c'], place)).rejects.toMatchObject({code: 'SESSION_UNKNOWN'})
    expect(await readProfile('a', place)).toMatchObject({name: 'a'})
    await removeProfiles(['a', 'b'], place)
    expect(await listProfiles(place)).toHaveLength(3)
  })
})

describe('A name', () => {
  it.each(['ci', 'a.b-c_d', '0', 'x'.repeat(64), 'CamelCase'])('may be %s', async name => {
    expect(await createProfile(profile(name), place)).toMatchObject({name})
    expect(await readProfile(name, place)).toMatchObject({name})
  })

  it.each(['', '.hidden', '-flag', 'a b', 'a/b', 'x'.repeat(65), 'naïve', '__proto__', 'constructor', 'a\n'])(
    'may not be %j',
    async name => {
      await expect(createProfile(profile(name), place)).rejects.toMatchObject({code: 'CONFIGURATION_REFUSED'})
      expect(existsSync(file)).toBe(false)
    }
  )
})
