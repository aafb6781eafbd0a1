import {spawnSync} from 'node:child_process'
import {chmodSync, chownSync, lstatSync, mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it, onTestFinished} from 'vitest'
import {daemonHome} from '../cli-run/daemon.ts'

const binary = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const stranger = 65_534
const asStranger = [`--reuid=${stranger}`, `--regid=${stranger}`, '--clear-groups']
// Only root can be two users, and the other one has to be able to read the program.
const canBeTwo =
  process.getuid?.() === 0 && spawnSync('setpriv', [...asStranger, 'test', '-r', binary]).status === 0

interface Answer {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs ferry as the other user, with that FERRY_HOME. */
function strangerRuns(words: readonly string[], home: string): Answer {
  const env = {PATH: process.env['PATH'] ?? '', HOME: home, FERRY_HOME: home}
  const program = [...asStranger, process.execPath, binary, ...words]
  return spawnSync('setpriv', program, {cwd: '/', env, encoding: 'utf8'})
}

/** Every file with its owner, modes and size; compiled code is nobody's. */
function filesOf(home: string): readonly string[] {
  const names = readdirSync(home, {recursive: true, encoding: 'utf8'})
  return names
    .filter(name => !name.startsWith('cache'))
    .toSorted()
    .map(name => {
      const {uid, mode, size} = lstatSync(join(home, name))
      return `${name} ${uid} ${mode.toString(8)} ${size}`
    })
}

const later = ['get', '--background', '--start-at', '1h', '-o', '/F', 'http://127.0.0.1:9/F']
const asked = [
  later,
  ['tasks'],
  ['pause', '--all'],
  ['wait', '--session', 'background'],
  ['sessions', 'attach', 'background'],
  ['sessions', 'ack', 'background', '0.x'],
  ['sessions', 'invalidate', 'background', '--cancel'],
  ['daemon', 'status'],
  ['daemon', 'stop', '--cancel']
]

describe.runIf(canBeTwo)('Another user who comes with the FERRY_HOME of this one', () => {
  it('is refused with 113 whatever is asked of the daemon, and changes nothing [fault 63, CVE 61]', async () => {
    const stage = daemonHome()
    chmodSync(stage.home, 0o755)
    expect((await stage.ferry(...later)).code).toBe(0)
    const before = filesOf(stage.home)
    for (const words of asked) {
      const {status, stderr} = strangerRuns(words, stage.home)
      expect({words, status, stderr}).toMatchObject({
        status: 113,
        stderr: expect.stringMatching(
          /belongs to another user \(REFUSED\)\nNext: Point FERRY_HOME at a folder of your own\.\n$/
        )
      })
    }
    expect(filesOf(stage.home)).toEqual(before)
    expect((await stage.status()).tasks).toMatchObject({waiting: 1})
  })

  it('is refused also where that other user is root', async () => {
    const stage = daemonHome()
    chmodSync(stage.home, 0o755)
    const theirs = join(stage.home, 'theirs')
    mkdirSync(theirs)
    chownSync(theirs, stranger, stranger)
    onTestFinished(() => void strangerRuns(['daemon', 'stop'], theirs))
    expect(strangerRuns(later, theirs).status).toBe(0)
    const before = filesOf(theirs)
    for (const words of asked) {
      const env = {PATH: process.env['PATH'] ?? '', FERRY_HOME: theirs}
      const {status, stderr} = spawnSync(process.execPath, [binary, ...words], {env, encoding: 'utf8'})
      expect({words, status, stderr}).toMatchObject({
        status: 113,
        stderr: expect.stringContaining('belongs to another user')
      })
    }
    expect(filesOf(theirs)).toEqual(before)
  })

  it('has what cannot be looked at explained by doctor, too', async () => {
    const stage = daemonHome()
    chmodSync(stage.home, 0o755)
    expect((await stage.ferry(...later)).code).toBe(0)
    const {status, stdout, stderr} = strangerRuns(['doctor'], stage.home)
    expect({status, stderr}).toEqual({status: 0, stderr: ''})
    expect(stdout).toMatch(/run belongs to another user/)
    expect(stdout).toMatch(/stores\.sqlite.*permission/)
  })
})
