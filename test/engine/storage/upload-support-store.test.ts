import {chmodSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {expect, it, onTestFinished} from 'vitest'
import {SessionConfiguration} from '../../../src/engine/index.ts'
import type {TransferError} from '../../../src/engine/index.ts'
import {Stores} from '../../../src/engine/storage/stores.ts'
import type {UploadSupport} from '../../../src/engine/storage/upload-support-store.ts'
import {canary} from '../../canary/canary.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const reports: TransferError[] = []

function storesIn(folder: string): Stores {
  const place = {folder, report: (error: TransferError) => void reports.push(error)}
  const stores = new Stores({configuration: SessionConfiguration.default(), name: 'shared', place})
  onTestFinished(() => stores.close())
  return stores
}

const address = new URL('http://h.example/files/a')

it.each<[string, UploadSupport]>([
  ['nothing', {protocol: 'unknown'}],
  ['the draft without limits', {protocol: 'ietf', limit: {}}],
  ['the draft with some', {protocol: 'ietf', limit: {maxSize: 0, minAppendSize: 5}}],
  ['tus that has not said more', {protocol: 'tus', offer: undefined}],
  [
    'tus with all it has',
    {
      protocol: 'tus',
      offer: {
        versions: ['1.0.0', '0.2.2'],
        extensions: new Set(['creation', 'checksum']),
        maxSize: 2 ** 53 - 1,
        checksumAlgorithms: ['sha1', 'md5']
      }
    }
  ],
  [
    'tus that offers nothing',
    {
      protocol: 'tus',
      offer: {versions: [], extensions: new Set(), maxSize: undefined, checksumAlgorithms: []}
    }
  ]
])('is found on disk as it was noted: %s', async (_what, support) => {
  const folder = scratchFolder()
  const stores = storesIn(folder)
  stores.uploadSupport.note(address, support)
  await stores.close()
  expect(await storesIn(folder).uploadSupport.find(address)).toEqual(support)
})

it('forgets what has proved wrong, on disk as well', async () => {
  const folder = scratchFolder()
  const first = storesIn(folder)
  first.uploadSupport.note(address, {protocol: 'tus', offer: undefined})
  await first.close()
  const second = storesIn(folder)
  second.uploadSupport.forget(address)
  expect(await second.uploadSupport.find(address)).toBeUndefined()
  await second.close()
  expect(await storesIn(folder).uploadSupport.find(address)).toBeUndefined()
})

it('writes down no path: it may be a secret', async () => {
  const folder = scratchFolder()
  const stores = storesIn(folder)
  const secret = canary('path')
  for (const protocol of ['tus', 'unknown'] as const) {
    const support = protocol === 'tus' ? {protocol, offer: undefined} : {protocol}
    stores.uploadSupport.note(new URL(`/${secret}/a?${secret}`, address), support)
  }
  await stores.flush()
  expect(readFileSync(join(folder, 'stores.sqlite')).includes(secret)).toBe(false)
})

it('is added to a file that an earlier version has made, which that version can still read', async () => {
  const folder = scratchFolder()
  const first = storesIn(folder)
  first.uploadSupport.note(address, {protocol: 'unknown'})
  await first.close()
  const path = join(folder, 'stores.sqlite')
  const before = new DatabaseSync(path)
  before.exec('DROP TABLE uploadSupport')
  before.close()
  const second = storesIn(folder)
  expect(await second.uploadSupport.find(address)).toBeUndefined()
  second.uploadSupport.note(address, {protocol: 'unknown'})
  await second.close()
  const after = new DatabaseSync(path)
  onTestFinished(() => after.close())
  expect(after.prepare('PRAGMA user_version').get()).toEqual({user_version: 1})
  expect(after.prepare('SELECT count(*) AS kept FROM uploadSupport').get()).toEqual({kept: 1})
})

it('does without a file that cannot be used, and says so once', async () => {
  const folder = scratchFolder()
  const first = storesIn(folder)
  first.uploadSupport.note(address, {protocol: 'unknown'})
  await first.close()
  chmodSync(join(folder, 'stores.sqlite'), 0o644)
  const second = storesIn(folder)
  expect(await second.uploadSupport.find(address)).toBeUndefined()
  second.uploadSupport.note(address, {protocol: 'unknown'})
  expect(await second.uploadSupport.find(address)).toEqual({protocol: 'unknown'})
  await second.close()
  expect(reports.map(({code}) => code)).toEqual(['REFUSED'])
})

it('is kept also where it is said while what was said before is being written', async () => {
  const folder = scratchFolder()
  const {uploadSupport} = storesIn(folder)
  const [later, before] = [new URL('http://i.example/b'), {protocol: 'ietf', limit: {}}] as const
  uploadSupport.note(address, before)
  const flushed = uploadSupport.flush()
  uploadSupport.note(later, {protocol: 'unknown'})
  uploadSupport.note(address, {protocol: 'unknown'})
  await flushed
  await uploadSupport.flush()
  const found = storesIn(folder).uploadSupport
  expect(await Promise.all([found.find(later), found.find(address)])).toEqual([
    {protocol: 'unknown'},
    {protocol: 'unknown'}
  ])
})
