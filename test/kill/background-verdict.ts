import {readFileSync, readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {DraftServer} from '../resumable-upload/draft-server.ts'
import type {Order} from './background-orders.ts'
import type {BackgroundServer} from './background-server.ts'
import type {LivingDaemon} from './living-daemons.ts'

/** What is wrong with the files that were fetched, and what stands beside them. */
export function fileFaults(folder: string, orders: readonly Order[]): readonly string[] {
  const faults: string[] = []
  const expected = orders.filter(({what, state}) => what === 'download' && state === 'completed')
  for (const {name, content} of expected) {
    const path = join(folder, name)
    const isThere = statSync(path, {throwIfNoEntry: false}) !== undefined
    if (!isThere) faults.push(`${name} is not there`)
    else if (!readFileSync(path).equals(content)) faults.push(`${name} is not what the server has`)
  }
  const names = new Set(expected.map(({name}) => name))
  const others = readdirSync(folder).filter(name => !names.has(name))
  if (others.length > 0) faults.push(`beside the files there are ${others.join(', ')}`)
  return faults
}

/** What is wrong with what the servers were sent. */
export function uploadFaults(
  orders: readonly Order[],
  {server, drafts}: {server: BackgroundServer; drafts: DraftServer}
): readonly string[] {
  const faults: string[] = []
  for (const {what, name, content} of orders) {
    if (what === 'download') continue
    const resumed = drafts.resources.filter(({creation, isComplete}) => creation.path === name && isComplete)
    const arrived =
      what === 'upload' ? (server.stored.get(name) ?? []) : resumed.map(resource => resource.content)
    if (arrived.length === 0) faults.push(`${name} has not arrived`)
    if (arrived.some(each => !each.equals(content))) faults.push(`${name} has arrived as something else`)
  }
  return faults
}

const remains = /\.(?:part|lock|ferry|take|new|tmp)$|~$|\/(?:unfinished|stopped)$|damaged|mended/

/** What is left in the state folder that belongs to tasks, which have all ended, or tells of trouble. */
export function stateFaults(folder: string): readonly string[] {
  const left = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter(name => remains.test(name))
  return left.length > 0 ? [`in the state folder there are ${left.join(', ')}`] : []
}

/** Two daemons that write one journal at this moment. */
export function ownerFaults(daemons: readonly LivingDaemon[]): readonly string[] {
  const owners = daemons.filter(({isOwner}) => isOwner)
  return owners.length > 1 ? [`${owners.length} daemons have the journal`] : []
}
