import {statSync, unlinkSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it, onTestFinished, vi} from 'vitest'
import {Database} from '../../../src/engine/storage/database.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const vanishing = vi.hoisted(() => ({times: 0}))

vi.mock('../../../src/engine/storage/private-store-file.ts', async original => {
  const file = await original<typeof import('../../../src/engine/storage/private-store-file.ts')>()
  const preparePrivateFile = (path: string): void => {
    file.preparePrivateFile(path)
    if (vanishing.times-- > 0) unlinkSync(path)
  }
  return {...file, preparePrivateFile}
})

it('a store that another process puts aside just before it is opened is made again, for this user alone', async () => {
  vanishing.times = 2
  const path = join(scratchFolder(), 'state', 'stores.sqlite')
  const database = new Database({path, tables: 'CREATE TABLE IF NOT EXISTS t (x)', report: () => {}})
  onTestFinished(() => database.close())
  await database.change(open => open.exec('INSERT INTO t VALUES (1)'))
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(vanishing.times).toBe(-1)
})
