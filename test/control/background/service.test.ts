import {execFileSync, spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {
  removeServiceFiles,
  writeServiceFiles
} from '../../../src/control/background/installation/service-files.ts'
import {serviceFacts} from '../../../src/control/background/installation/service-facts.ts'
import type {ServiceFacts, ServiceFile} from '../../../src/control/background/installation/service-facts.ts'
import {launchdAgent} from '../../../src/control/background/installation/service-launchd.ts'
import {systemdFolder, systemdUnits} from '../../../src/control/background/installation/service-systemd.ts'
import {windowsTask} from '../../../src/control/background/installation/service-windows.ts'
import {resolvePlaces} from '../../../src/control/places.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const odd = `my "odd" & <home> 100% $HOME it's \\ é`

function factsOf(environment: Record<string, string>, program = process.execPath): ServiceFacts {
  const places = resolvePlaces(environment, 'linux', 1000)
  return serviceFacts(environment, {places, command: [program, '/opt/ferry/bin/run.js', 'daemon', 'run']})
}

function textOf(files: readonly ServiceFile[], end: string): string {
  return String(files.find(({path}) => path.endsWith(end))?.content)
}

/** The values of a key of a unit, as systemd's rules of quoting and specifiers have them. */
function valuesOf(unit: string, key: string): readonly string[] {
  return unit
    .split('\n')
    .filter(line => line.startsWith(`${key}=`))
    .map(line => line.slice(key.length + 1))
}

const unquote = (value: string): readonly string[] =>
  [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) =>
    word.replace(/\\(.)/g, '$1').replaceAll('%%', '%')
  )

describe('The units for systemd', () => {
  it('are accepted by systemd, whatever is in the names of folders', () => {
    const folder = scratchFolder()
    const home = join(folder, odd)
    mkdirSync(home)
    const units = systemdUnits(factsOf({FERRY_HOME: home, PATH: '/usr/bin'}), folder)
    for (const {path, content} of units) writeFileSync(path, content)
    const verified = spawnSync(
      'systemd-analyze',
      ['--user', '--man=no', 'verify', ...units.map(({path}) => path)],
      {
        env: {PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: folder, LANG: 'C.UTF-8'}
      }
    )
    // Only where there is such a program; elsewhere the next tests say what is in the units.
    if (!verified.error) expect([String(verified.stderr), verified.status]).toEqual(['', 0])
    expect(units).toHaveLength(2)
  })

  it('say a path with blanks, quotes, % and $ as it is', () => {
    const home = `/srv/${odd}`
    const units = systemdUnits(factsOf({FERRY_HOME: home}, `${home}/node`), '/units')
    const service = textOf(units, '.service')
    const [start = ''] = valuesOf(service, 'ExecStart')
    expect(start.startsWith(':')).toBe(true)
    expect(unquote(start)).toEqual([`${home}/node`, '/opt/ferry/bin/run.js', 'daemon', 'run'])
    expect(unquote(valuesOf(service, 'Environment').join(' '))).toEqual([`FERRY_HOME=${home}`])
    const [listen = ''] = valuesOf(textOf(units, '.socket'), 'ListenStream')
    expect(listen).toBe(`${home}/run/daemon.sock`.replaceAll('%', '%%'))
  })

  it('listen in the runtime folder of the login, and elsewhere where the user has moved it', () => {
    const listen = (environment: Record<string, string>): readonly string[] =>
      valuesOf(textOf(systemdUnits(factsOf(environment), '/units'), '.socket'), 'ListenStream')
    expect(listen({HOME: '/home/me', XDG_RUNTIME_DIR: '/run/user/1000'})).toEqual(['%t/ferry/daemon.sock'])
    expect(listen({HOME: '/home/me'})).toEqual(['/home/me/.local/state/ferry/run/daemon.sock'])
    expect(listen({HOME: '/home/me', XDG_RUNTIME_DIR: '/run/user/1000', FERRY_HOME: '/f'})).toEqual([
      '/f/run/daemon.sock'
    ])
  })

  it('let nobody else connect', () => {
    const socket = textOf(systemdUnits(factsOf({HOME: '/home/me'}), '/units'), '.socket')
    expect(valuesOf(socket, 'SocketMode')).toEqual(['0600'])
    expect(valuesOf(socket, 'DirectoryMode')).toEqual(['0700'])
  })

  it('have names of their own for each home, and lie where systemd looks', () => {
    const names = [{HOME: '/home/me'}, {FERRY_HOME: '/a'}, {FERRY_HOME: '/b'}].map(each => factsOf(each).name)
    expect(names[0]).toBe('ferry')
    expect(new Set(names).size).toBe(3)
    expect(systemdFolder({HOME: '/home/me'})).toBe('/home/me/.config/systemd/user')
    expect(systemdFolder({HOME: '/home/me', XDG_CONFIG_HOME: '/c'})).toBe('/c/systemd/user')
  })

  it('are refused for a folder whose name would begin a new line', () => {
    expect(() => factsOf({FERRY_HOME: '/srv/a\nExecStart=/bin/false'})).toThrow(
      expect.objectContaining({code: 'REFUSED'})
    )
  })
})

describe('The agent for launchd', () => {
  it('is a property list that says what was meant', () => {
    const home = `/srv/${odd}`
    const {path, content} = launchdAgent(factsOf({FERRY_HOME: home}), '/Users/me')
    const read = `import plistlib,sys,json; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))`
    const agent: unknown = JSON.parse(execFileSync('python3', ['-c', read], {input: content}).toString())
    expect(path).toMatch(/^\/Users\/me\/Library\/LaunchAgents\/ferry-[0-9a-f]{6}\.plist$/)
    expect(agent).toMatchObject({
      ProgramArguments: [process.execPath, '/opt/ferry/bin/run.js', 'daemon', 'run'],
      EnvironmentVariables: {FERRY_HOME: home},
      RunAtLoad: true,
      KeepAlive: {PathState: {[`${home}/state/background/unfinished`]: true}},
      StandardErrorPath: `${home}/state/background/daemon.log`
    })
  })
})

describe('The task for Windows', () => {
  it('is XML in UTF-16 that says what was meant', () => {
    const facts = {
      ...factsOf({HOME: '/home/me'}),
      command: ['C:\\a & b\\node.exe', 'C:\\c d\\run.js', 'daemon']
    }
    const {content} = windowsTask(facts)
    const read = `import sys, xml.etree.ElementTree as e
space = '{http://schemas.microsoft.com/windows/2004/02/mit/task}'
action = e.fromstring(sys.stdin.buffer.read()).find(f'{space}Actions/{space}Exec')
print(action.find(f'{space}Command').text + '|' + action.find(f'{space}Arguments').text)`
    const action = execFileSync('python3', ['-c', read], {input: content}).toString().trim()
    expect(action).toBe('C:\\a & b\\node.exe|"C:\\c d\\run.js" "daemon"')
  })
})

describe('The files of a service', () => {
  const ours = (path: string): ServiceFile => systemdUnits(factsOf({HOME: '/home/me'}), path)[0]!

  it('are written over those of before, and removed', async () => {
    const file = ours(join(scratchFolder(), 'systemd', 'user'))
    await writeServiceFiles([file])
    await writeServiceFiles([file])
    expect(readFileSync(file.path, 'utf8')).toBe(file.content)
    await expect(removeServiceFiles([file])).resolves.toEqual({removed: [file.path], left: []})
    expect(existsSync(file.path)).toBe(false)
    await expect(removeServiceFiles([file])).resolves.toEqual({removed: [], left: []})
  })

  it('that ferry did not make are neither replaced nor removed', async () => {
    const folder = scratchFolder()
    const [socket, service] = systemdUnits(factsOf({HOME: '/home/me'}), folder) as [ServiceFile, ServiceFile]
    writeFileSync(service.path, '[Unit]\nDescription=mine\n')
    await expect(writeServiceFiles([socket, service])).rejects.toMatchObject({code: 'REFUSED'})
    expect(existsSync(socket.path)).toBe(false)
    await expect(removeServiceFiles([socket, service])).resolves.toEqual({removed: [], left: [service.path]})
    expect(readFileSync(service.path, 'utf8')).toContain('mine')
  })
})
