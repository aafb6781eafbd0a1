import {spawnSync} from 'node:child_process'
import {existsSync, readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {scratchFolder} from '../scratch/scratch-folder.ts'

const at = (name: string): string =>
  JSON.stringify(new URL(`../../src/control/${name}`, import.meta.url).href)
const makers = {
  'control.token': `
    import {controlToken} from ${at('control-token.ts')}
    console.log(await controlToken(process.argv[1]))`,
  'resume.key': `
    import {resumeDataKey} from ${at('resume-data-key.ts')}
    const fail = error => { throw error }
    console.log(Buffer.from(resumeDataKey(process.argv[1], fail)()).toString('hex'))`
}

const points = Object.entries(makers).flatMap(([name, script]) =>
  ['fsync', 'link', 'unlink'].map(call => ({name, script, call}))
)

describe('A secret of the state folder', () => {
  it.each(points)(
    'is whole or not there when the maker of $name is killed at $call, and the next one leaves nothing beside [fault 58]',
    ({name, script, call}) => {
      const folder = join(scratchFolder(), 'state')
      const path = join(folder, name)
      const maker = [process.execPath, '--input-type=module', '--eval', script, folder]
      const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL`]
      const killed = spawnSync('strace', ['-f', '-qq', '-o', `${folder}.log`, ...inject, ...maker])
      expect(killed.signal, killed.stderr.toString()).toBe('SIGKILL')
      expect(existsSync(path)).toBe(call === 'unlink')
      const before = existsSync(path) ? readFileSync(path) : undefined
      const next = spawnSync(maker[0] ?? '', maker.slice(1), {encoding: 'utf8'})
      expect(next).toMatchObject({stderr: '', stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/) as string})
      if (before) expect(readFileSync(path)).toEqual(before)
      // Whoever only reads the key looks for nothing; the token is asked for by all who do.
      if (name === 'resume.key')
        spawnSync(process.execPath, [...maker.slice(1, 3), makers['control.token'], folder])
      expect(readdirSync(folder).filter(each => !(each in makers))).toEqual([])
    }
  )
})
