import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync, renameSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import {isTemporary, sweepTemporaries, temporaryName} from '../../src/control/temporary-file.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

let folder: string
beforeEach(() => (folder = scratchFolder()))

function halfWritten(pid: number | string, change = (name: string) => name): string {
  const own = temporaryName(join(folder, 'a.json'))
  const path = change(own.replace(`.${process.pid}-`, `.${pid}-`))
  writeFileSync(path, 'half')
  return path
}

const sweep = (): readonly string[] => {
  sweepTemporaries(folder)
  return readdirSync(folder)
}

describe('What is half-written in a folder', () => {
  it('goes when its writer has ended, and stays as long as he lives', async () => {
    const writer = spawn('sleep', ['60'])
    halfWritten(writer.pid ?? 0)
    expect(sweep()).toHaveLength(1)
    writer.kill('SIGKILL')
    await once(writer, 'exit')
    expect(sweep()).toEqual([])
  })

  it('goes after an hour, where nobody can tell whether its writer lives', () => {
    const paths = [
      halfWritten(process.pid),
      halfWritten(1, own => own.replace(/-[0-9a-f]{8}-/, '-00000000-')),
      join(folder, 'x.tmp')
    ]
    writeFileSync(paths[2] ?? '', '')
    expect(sweep()).toHaveLength(3)
    for (const path of paths) utimesSync(path, 1, 1)
    expect(sweep()).toEqual([])
  })

  it('is told from what is whole by its name', () => {
    const path = halfWritten('none')
    expect(isTemporary(path)).toBe(true)
    renameSync(path, join(folder, 'a.json'))
    expect(isTemporary(join(folder, 'a.json'))).toBe(false)
    expect(sweep()).toEqual(['a.json'])
  })

  it('may be in a folder that is not there', () => {
    expect(() => sweepTemporaries(join(folder, 'none'))).not.toThrow()
  })
})
