import {accessSync, constants, existsSync} from 'node:fs'
import {dirname} from 'node:path'
import {inspectPrivateFolder} from '../../control/places.ts'
import type {Places} from '../../control/places.ts'
import {TransferError} from '../../engine/index.ts'
import {finding, trouble, warning} from './finding.ts'
import type {Finding} from './finding.ts'

const meanings: readonly (readonly [keyof Places, string])[] = [
  ['config', 'your sessions'],
  ['state', 'stores, keys and the list of tasks'],
  ['runtime', 'sockets of running transfers']
]

/** ferry's own folders: where they are, and whether they are this user's alone. */
export async function inspectFolders(places: Places): Promise<readonly Finding[]> {
  return Promise.all(meanings.map(([name, meaning]) => inspectFolder(places[name], `${name} (${meaning})`)))
}

async function inspectFolder(path: string, what: string): Promise<Finding> {
  try {
    if ((await inspectPrivateFolder(path)) === 'missing') return missing(path, what)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return finding('folders', 'ok', `${what}: ${path}`)
  } catch (error) {
    if (error instanceof TransferError) return trouble('folders', error)
    return warning(
      'folders',
      `${what}: ${path} cannot be written`,
      `Give yourself the right: chmod 700 '${path}'`
    )
  }
}

function missing(path: string, what: string): Finding {
  let parent = dirname(path)
  while (!existsSync(parent) && parent !== dirname(parent)) parent = dirname(parent)
  try {
    accessSync(parent, constants.W_OK | constants.X_OK)
    return finding('folders', 'ok', `${what}: ${path}, made when it is needed`)
  } catch {
    return warning(
      'folders',
      `${what}: ${path} is missing, and cannot be made in ${parent}`,
      'Point FERRY_HOME at a folder of your own.'
    )
  }
}
