import {chmodSync, chownSync, mkdirSync, openSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Crossing} from './crossing.ts'
import {explanation} from './said.ts'

const isRoot = process.getuid?.() === 0

function sessionsFile(user: Crossing): string {
  return join(user.home, 'config', 'sessions.json')
}

describe('The file of sessions', () => {
  it.runIf(process.platform === 'linux')(
    'cannot be written without saying so, in words that help here: no flag of get is advised',
    async () => {
      const user = new Crossing()
      writeFileSync(user.path('file'), '')
      const refused = await user.run(['sessions', 'create', 'one'], {env: {FERRY_HOME: user.path('file')}})
      expect(refused.code).toBe(23)
      expect(explanation(refused).next).toMatch(/FERRY_HOME/)
      expect(refused.stderr).not.toMatch(/ -P |create-dirs|database/)
    }
  )

  it.each(['[]', '{"version":1}'])(
    'that is JSON and no list of sessions is named as that: %s',
    async content => {
      const user = new Crossing()
      mkdirSync(dirname(sessionsFile(user)), {recursive: true})
      writeFileSync(sessionsFile(user), content, {mode: 0o600})
      const refused = await user.run(['sessions'])
      expect(refused.code).toBe(26)
      expect(explanation(refused).why).toContain('it is no list of sessions')
    }
  )

  // Only root can give files away.
  it.runIf(isRoot)(
    'is not believed where another user left it in a place for everybody, and is below a folder of that user',
    async () => {
      const user = new Crossing()
      await user.run(['sessions', 'create', 'planted', '--on-complete', 'true'])
      chownSync(sessionsFile(user), 12_345, 12_345)
      expect((await user.run(['sessions', 'show', 'planted'])).code).toBe(0)
      chmodSync(user.home, 0o1777)
      const refused = await user.run(['sessions', 'show', 'planted'])
      expect(refused.code).toBe(113)
      expect(explanation(refused).why).toContain('belong to another user')
    }
  )
})

describe('Standard output that takes nothing', () => {
  it
    .runIf(process.platform === 'linux')
    .each([['sessions'], ['sessions', 'show', 'shared'], ['tasks'], ['doctor']])(
    'is a failure for a command that only answers: %s %s',
    async (...words) => {
      const full = openSync('/dev/full', 'w')
      const {code, stderr} = await new Crossing().run(words.filter(Boolean), {stdio: ['pipe', full, 'pipe']})
      expect(code).toBe(23)
      expect(stderr).toMatch(/Standard output cannot be written to.*\(NO_SPACE\)\nNext: Make room/)
    }
  )
})
