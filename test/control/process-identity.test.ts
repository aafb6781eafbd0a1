import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {isAlive, thisProcess} from '../../src/control/process-identity.ts'

const onLinux = process.platform === 'linux'

describe('process identity', () => {
  it('knows that this process runs', () => {
    expect(thisProcess()).toMatchObject({pid: process.pid})
    expect(isAlive(thisProcess())).toBe('alive')
  })

  it('calls a process gone when its number belongs to one that started at another time, or before this boot', () => {
    const other = onLinux ? {...thisProcess(), startTime: '1'} : {...thisProcess(), pid: 2 ** 30}
    expect(isAlive(other)).toBe('gone')
    const earlier = onLinux ? {...thisProcess(), bootId: 'another'} : other
    expect(isAlive(earlier)).toBe('gone')
  })

  it('does not judge a process of another machine', () => {
    expect(isAlive({...thisProcess(), pid: 2 ** 30, host: 'elsewhere'})).toBe('unknown')
  })

  it('finds the killed child gone, and before that alive', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(child, 'spawn')
    const identity = {...thisProcess(), pid: child.pid ?? 0, startTime: undefined}
    expect(isAlive(identity)).toBe('alive')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(identity)).toBe('gone')
  })

  it.runIf(onLinux)('reads the start time behind a command name with blanks and brackets', async () => {
    const previous = process.title
    process.title = 'a) S 1 (b'
    const fields = (await readFile('/proc/self/stat', 'utf8')).split(' ')
    const {startTime} = thisProcess()
    process.title = previous
    expect(startTime).toMatch(/^\d+$/)
    expect(fields).toContain(startTime)
    expect(thisProcess().startTime).toBe(startTime)
  })
})
