import {chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {ensurePrivateFolder, inspectPrivateFolder, resolvePlaces} from '../../src/control/places.ts'

describe('resolvePlaces', () => {
  it('puts everything under FERRY_HOME, whatever else is set', () => {
    const environment = {FERRY_HOME: '/f', XDG_RUNTIME_DIR: '/run/user/7', HOME: '/home/u'}
    expect(resolvePlaces(environment, 'linux', 7)).toEqual({
      config: '/f/config',
      state: '/f/state',
      runtime: '/f/run'
    })
    expect(resolvePlaces(environment, 'darwin', 7).state).toBe('/f/state')
    expect(resolvePlaces({FERRY_HOME: 'D:\\f'}, 'win32', undefined).runtime).toBe('D:\\f\\run')
  })

  it('follows XDG on Linux and falls back to the state folder for sockets', () => {
    const environment = {HOME: '/home/u', XDG_CONFIG_HOME: '/c', XDG_RUNTIME_DIR: '/run/user/7'}
    expect(resolvePlaces(environment, 'linux', 7)).toEqual({
      config: '/c/ferry',
      state: '/home/u/.local/state/ferry',
      runtime: '/run/user/7/ferry'
    })
    expect(resolvePlaces({HOME: '/home/u'}, 'linux', 7).runtime).toBe('/home/u/.local/state/ferry/run')
  })

  it('ignores relative XDG folders and the runtime folder of another user', () => {
    const environment = {HOME: '/h', XDG_STATE_HOME: 'state', XDG_RUNTIME_DIR: '/run/user/1000'}
    expect(resolvePlaces(environment, 'linux', 0)).toMatchObject({
      state: '/h/.local/state/ferry',
      runtime: '/h/.local/state/ferry/run'
    })
  })

  it('uses the own folders of macOS and Windows', () => {
    expect(resolvePlaces({HOME: '/Users/u'}, 'darwin', 501)).toEqual({
      config: '/Users/u/Library/Preferences/ferry',
      state: '/Users/u/Library/Application Support/ferry',
      runtime: '/Users/u/Library/Application Support/ferry/run'
    })
    const environment = {APPDATA: 'C:\\r', LOCALAPPDATA: 'C:\\l', HOME: '/ignored'}
    expect(resolvePlaces(environment, 'win32', undefined)).toEqual({
      config: 'C:\\r\\ferry',
      state: 'C:\\l\\ferry',
      runtime: 'C:\\l\\ferry\\run'
    })
  })

  it('moves sockets to a short folder of this user when their path would be too long, always the same one', () => {
    const environment = {FERRY_HOME: `/${'x'.repeat(80)}`}
    const {runtime, state} = resolvePlaces(environment, 'linux', 7)
    expect(runtime).toMatch(/^\/tmp\/ferry-7-[0-9a-f]{12}$/)
    expect(resolvePlaces(environment, 'linux', 7).runtime).toBe(runtime)
    expect(resolvePlaces({FERRY_HOME: `/${'y'.repeat(80)}`}, 'linux', 7).runtime).not.toBe(runtime)
    expect(state).toBe(`/${'x'.repeat(80)}/state`)
  })

  it('still has folders for a user without a home', () => {
    expect(resolvePlaces({}, 'linux', 7)).toEqual({
      config: '/tmp/ferry-7-config',
      state: '/tmp/ferry-7-state',
      runtime: '/tmp/ferry-7-state/run'
    })
  })
})

describe('ensurePrivateFolder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ferry-places-'))
  })
  afterEach(() => rm(folder, {recursive: true, force: true}))

  it('makes the folder for its user alone, and accepts it the second time', async () => {
    const path = join(folder, 'a', 'run')
    await expect(inspectPrivateFolder(path)).resolves.toBe('missing')
    await ensurePrivateFolder(path)
    await ensurePrivateFolder(path)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    await expect(inspectPrivateFolder(path)).resolves.toBe('private')
  })

  it.each([0o777, 0o710, 0o701, 0o750])(
    'refuses a folder of mode %o, and says how to close it',
    async mode => {
      const path = join(folder, 'run')
      await mkdir(path)
      await chmod(path, mode)
      const hint = `Close it with: chmod 700 '${path}'`
      await expect(ensurePrivateFolder(path)).rejects.toMatchObject({code: 'REFUSED', hint})
      await expect(inspectPrivateFolder(path)).rejects.toMatchObject({code: 'REFUSED'})
    }
  )

  it('refuses a link even to a good folder, and a file', async () => {
    await mkdir(join(folder, 'good'), {mode: 0o700})
    await symlink(join(folder, 'good'), join(folder, 'link'))
    await writeFile(join(folder, 'file'), '')
    await expect(ensurePrivateFolder(join(folder, 'link'))).rejects.toMatchObject({code: 'REFUSED'})
    await expect(ensurePrivateFolder(join(folder, 'file'))).rejects.toMatchObject({code: 'REFUSED'})
  })
})
