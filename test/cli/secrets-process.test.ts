import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {canariesIn, canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {startOnTerminal} from '../cli-run/terminal.ts'
import {basicGuard} from '../engine/authentication/guards.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

let origin: Origin
let password: string

beforeAll(async () => {
  origin = await startOrigin()
  password = canary('process', origin)
  origin.on('/F', basicGuard({user: 'ana', password}))
})
afterAll(() => origin.close())

/** A hook that writes down what others see of ferry and of itself while both run, and what it is told. */
function witness(): {hook: string; seen: () => string} {
  const file = join(scratchFolder(), 'seen')
  const places = ['$PPID/cmdline', '$PPID/comm', '$$/cmdline', '$$/environ'].map(name => `/proc/${name}`)
  return {
    hook: `sh -c 'cat ${places.join(' ')} - > "$1"; cat > /dev/null' hook '${file}'`,
    seen: () => readFileSync(file, 'latin1')
  }
}

describe.runIf(process.platform === 'linux')('While a transfer runs, the process list', () => {
  it.each([
    ['a variable', ['-u', 'env:PAIR']],
    ['a file', ['-u', '@pair']],
    ['a netrc file', ['--netrc-file', 'netrc']],
    ['a header in a file', ['-H', '@header']],
    ['a variable of a session', ['--session', 'own']]
  ])(
    'and the environment and input of a hook have no secret that came from %s [promise 5]',
    async (_where, words) => {
      const [cwd, home] = [scratchFolder(), scratchFolder()]
      const pair = `ana:${password}`
      const word = Buffer.from(pair).toString('base64')
      writeFileSync(join(cwd, 'pair'), pair, {mode: 0o600})
      writeFileSync(join(cwd, 'netrc'), `machine 127.0.0.1 login ana password ${password}\n`, {mode: 0o600})
      writeFileSync(join(cwd, 'header'), `Authorization: Basic ${word}\n`, {mode: 0o600})
      const env = {FERRY_HOME: home, PAIR: pair}
      await runFerry(['sessions', 'create', 'own', '-u', 'env:PAIR'], {env})
      const isNamed = words.some(each => each === 'own' || each.startsWith('env:'))
      const given = isNamed ? env : {FERRY_HOME: home}
      for (const decision of ['--on-complete', '--on-response']) {
        const {hook, seen} = witness()
        const args = ['get', '-o', '-', ...words, decision, hook, origin.url('/F')]
        await runFerry(args, {cwd, env: given})
        expect(seen()).toContain(hook.slice(7, 20))
        expect(seen()).toContain('"v":1'.slice(0, decision === '--on-response' ? 5 : 0))
        expect(canariesIn(seen())).toEqual([])
      }
      expect(origin.requests.at(-1)?.header('authorization')).toBe(`Basic ${word}`)
    }
  )

  it('has no secret that was typed in', async () => {
    const {hook, seen} = witness()
    const ferry = startOnTerminal([
      'get',
      '-q',
      '-u',
      '-',
      '-o',
      'F',
      '--on-complete',
      hook,
      origin.url('/F')
    ])
    await ferry.until(/NAME:PASSWORD for -u: /)
    ferry.press(`ana:${password}\r`)
    const {code, screen} = await ferry.done
    expect(code, screen).toBe(0)
    expect(seen()).toContain('-u')
    expect(canariesIn(seen() + screen)).toEqual([])
  })
})
