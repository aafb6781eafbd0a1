import {execFileSync} from 'node:child_process'
import {existsSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import {claimSpool, spool, sweepSpools} from '../../../src/engine/index.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

let folder: string
beforeEach(() => {
  folder = join(scratchFolder(), 'uploads')
})

/** Another process that makes a copy, claims it, and ends without letting it go. */
function leaveBehind(): string {
  const module = new URL('../../../src/engine/index.ts', import.meta.url).href
  const script = `import {claimSpool, spool} from ${JSON.stringify(module)}
    async function* content() { yield Buffer.from('of before') }
    console.log(await spool(content(), {folder: ${JSON.stringify(folder)}, claim: claimSpool}))`
  const words = ['--input-type=module', '--eval', script]
  return execFileSync(process.execPath, words, {encoding: 'utf8'}).trim()
}

describe('Sweeping', () => {
  it('takes the copies of processes that are gone, with their claims', async () => {
    expect(existsSync(leaveBehind())).toBe(true)
    await sweepSpools(folder)
    expect(readdirSync(folder)).toEqual([])
  })

  it('leaves what is claimed, what nobody claims, and everything else', async () => {
    async function* content(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('new')
    }
    const held = await spool(content(), {
      folder,
      claim: async path => {
        await claimSpool(path)
        expect(existsSync(path)).toBe(false)
      }
    })
    const free = await spool(content(), {folder})
    writeFileSync(join(folder, 'spool-of-mine.lock'), '')
    const before = readdirSync(folder)
    await sweepSpools(folder)
    expect(readdirSync(folder)).toEqual(before)
    expect([existsSync(held), existsSync(free)]).toEqual([true, true])
  })

  it('leaves a copy that resume data names, but not its claim', async () => {
    const path = leaveBehind()
    writeFileSync(join(folder, 'a.ferry'), JSON.stringify({source: {path}}))
    await sweepSpools(folder)
    expect(readdirSync(folder).map(name => join(folder, name))).toEqual([join(folder, 'a.ferry'), path])
  })

  it('of a folder that is not there is nothing', async () => {
    await expect(sweepSpools(folder)).resolves.toBeUndefined()
  })
})
