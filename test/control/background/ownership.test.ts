import {spawn} from 'node:child_process'
import type {ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {describe, expect, it, onTestFinished} from 'vitest'
import {isOwned, takeOwnership} from '../../../src/control/background/daemon/ownership.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

interface Contender {
  readonly child: ChildProcess
  readonly said: string
}

async function contender(path: string): Promise<Contender> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'lock-holder.ts'), path], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [word] = await once(child.stdout, 'data')
  return {child, said: String(word).trim()}
}

describe('The lock of the daemon', () => {
  it('belongs to one process, and to the next one when that has let it go', async () => {
    const path = join(scratchFolder(), 'owner.sqlite')
    const first = await contender(path)
    const second = await contender(path)
    expect([first.said, second.said]).toEqual(['held', 'taken'])
    await expect(takeOwnership(path)).resolves.toBe('taken')
    first.child.stdin?.end()
    await once(first.child, 'exit')
    expect((await contender(path)).said).toBe('held')
  })

  it('is free when its holder is killed, without anything to tidy up', async () => {
    const path = join(scratchFolder(), 'owner.sqlite')
    const {child} = await contender(path)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(readdirSync(join(path, '..'))).toEqual(['owner.sqlite'])
    const ownership = await takeOwnership(path)
    expect(ownership).not.toBe('taken')
    if (ownership !== 'taken') ownership.release()
    expect(readdirSync(join(path, '..'))).toEqual(['owner.sqlite'])
  })

  it('has exactly one winner when ten processes come at once', async () => {
    const path = join(scratchFolder(), 'owner.sqlite')
    const all = await Promise.all(Array.from({length: 10}, () => contender(path)))
    expect(all.filter(({said}) => said === 'held')).toHaveLength(1)
    expect(all.filter(({said}) => said === 'taken')).toHaveLength(9)
  })

  it('is not refused because of others that want it as well and have come no further than that', async () => {
    const path = join(scratchFolder(), 'owner.sqlite')
    const others = Array.from({length: 3}, () => new DatabaseSync(path))
    onTestFinished(() => others.forEach(each => each.close()))
    for (const each of others) each.exec('BEGIN; SELECT * FROM sqlite_schema')
    const ownership = await takeOwnership(path, 0)
    expect(ownership).not.toBe('taken')
    if (ownership !== 'taken') ownership.release()
  })

  it('stays where it is when its own holder asks for it a second time', async () => {
    const path = join(scratchFolder(), 'owner.sqlite')
    const ownership = await takeOwnership(path)
    await expect(takeOwnership(path, 0)).resolves.toBe('taken')
    expect((await contender(path)).said).toBe('taken')
    if (ownership !== 'taken') ownership.release()
    expect((await contender(path)).said).toBe('held')
  })

  it('is a file for this user alone', async () => {
    const path = join(scratchFolder(), 'owner.sqlite')
    const ownership = await takeOwnership(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    if (ownership !== 'taken') ownership.release()
  })

  it('can be had although the file was overwritten with something else', async () => {
    const path = join(scratchFolder(), 'owner.sqlite')
    writeFileSync(path, 'no database at all '.repeat(100))
    const ownership = await takeOwnership(path)
    expect(ownership).not.toBe('taken')
    await expect(isOwned(path)).resolves.toBe(true)
    if (ownership !== 'taken') ownership.release()
    await expect(isOwned(path)).resolves.toBe(false)
  })

  it('is asked after without making a file, and fails aloud where none can be made', async () => {
    const folder = scratchFolder()
    await expect(isOwned(join(folder, 'owner.sqlite'))).resolves.toBe(false)
    expect(existsSync(join(folder, 'owner.sqlite'))).toBe(false)
    await expect(takeOwnership(join(folder, 'missing', 'owner.sqlite'))).rejects.toMatchObject({
      code: 'WRITE_FAILED'
    })
  })
})
