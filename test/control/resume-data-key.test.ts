import {execFileSync} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {resumeDataKey} from '../../src/control/resume-data-key.ts'
import type {TransferError} from '../../src/engine/index.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

describe('The key for resume data', () => {
  const quiet = (error: TransferError): never => {
    throw error
  }

  it('is made once, for this user alone, and stays', () => {
    const state = join(scratchFolder(), 'state')
    const key = resumeDataKey(state, quiet)()
    expect(key).toHaveLength(32)
    expect(Buffer.compare(resumeDataKey(state, quiet)(), key)).toBe(0)
    expect(statSync(join(state, 'resume.key')).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['is too short', (path: string) => writeFileSync(path, 'short', {mode: 0o600})],
    ['can be read by others', (path: string) => writeFileSync(path, Buffer.alloc(32), {mode: 0o644})],
    ['is a folder', (path: string) => mkdirSync(path)]
  ])('is not used when it %s: another takes its place for this run, and is told', (_what, spoil) => {
    const state = scratchFolder()
    const path = join(state, 'resume.key')
    spoil(path)
    const told: TransferError[] = []
    const key = resumeDataKey(state, error => told.push(error))
    expect(Buffer.compare(key(), key())).toBe(0)
    expect(told).toMatchObject([{code: 'WRITE_FAILED'}])
    if (statSync(path).isFile()) expect(Buffer.compare(readFileSync(path), key())).not.toBe(0)
  })

  it('leaves nothing half made where there is no room for it', () => {
    const state = scratchFolder()
    const module = new URL('../../src/control/resume-data-key.ts', import.meta.url).href
    const script = `import {resumeDataKey} from ${JSON.stringify(module)}
      console.log(resumeDataKey(${JSON.stringify(state)}, error => console.log(error.code))().length)`
    const limited = `ulimit -f 0; exec "$0" --input-type=module --eval "$1"`
    const printed = execFileSync('sh', ['-c', limited, process.execPath, script], {encoding: 'utf8'})
    expect(printed.trim().split('\n')).toEqual(['WRITE_FAILED', '32'])
    expect(readdirSync(state)).toEqual([])
  })
})
