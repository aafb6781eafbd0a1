import {statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {HeaderField} from '../../src/engine/index.ts'
import type {Snapshot, SubmittedTask} from '../../src/control/background/submission.ts'
import {SessionConfiguration} from '../../src/engine/index.ts'
import {seededBytes} from '../origin/seeded-bytes.ts'
import type {Served} from './background-server.ts'

/** A task of a round, and what has to come of it. */
export interface Order {
  readonly submitted: SubmittedTask
  readonly what: 'download' | 'upload' | 'resumableUpload'
  readonly name: string
  readonly content: Buffer
  readonly state: 'completed' | 'failed'
  /** What the server needs to know; uploads are taken wherever they come. */
  readonly served: Served | undefined
}

/** Where a round happens. */
export interface Ground {
  readonly number: number
  readonly random: () => number
  /** Absolute paths. */
  readonly downloads: string
  readonly sources: string
  readonly uploads: string
  readonly secret: string
  readonly url: (path: string) => string
  readonly resumableUrl: (path: string) => string
}

export const session = 'background'
const orders = 50
const kilobyte = 1024
// Of all requests, so that whoever is killed is killed at work.
const longest = 0.9

/** The tasks of a round: of most kinds and sizes, by its seed. */
export function makeOrders(ground: Ground): readonly Order[] {
  return Array.from({length: orders}, (_, index) => {
    const place = index % 10
    if (place === 9) return uploadOrder(ground, {index, what: 'resumableUpload'})
    return place === 8 ? uploadOrder(ground, {index, what: 'upload'}) : downloadOrder(ground, index)
  })
}

/** A configuration that lets all of them run at once. */
export function loopSnapshot(secret: string): Snapshot {
  const {keys} = SessionConfiguration.background(session, {
    retry: {delay: 0.05},
    timeouts: {connect: 5, idle: 10},
    maxParallelTasks: orders,
    maxConnectionsPerHost: orders,
    headers: {'x-loop': secret}
  })
  return JSON.parse(JSON.stringify({keys, onComplete: null, environment: {LOOP: secret}})) as Snapshot
}

function downloadOrder(ground: Ground, index: number): Order {
  const {random, number, downloads, secret, url} = ground
  const name = `file${index}`
  const path = `/${number}/${name}`
  const size = index === 0 ? 0 : Math.floor(random() ** 3 * 700 * kilobyte)
  const content = seededBytes(size, number * orders + index)
  const isSecret = index % 4 === 1
  const status = index % 25 === 24 || index === 7 ? 404 : 200
  const served: Served = {
    path,
    content,
    validators: random() < 0.8 ? 'strong' : 'none',
    framing: random() < 0.8 ? 'length' : 'chunked',
    delay: random() * 300,
    bytesPerSecond: size / (random() * longest) + kilobyte,
    cutAt: random() < 0.2 ? Math.floor(size / 2) : undefined,
    status,
    secret: isSecret ? `Bearer ${secret}` : undefined
  }
  const headers: HeaderField[] = isSecret ? [['authorization', `Bearer ${secret}`]] : []
  return {
    what: 'download',
    name,
    content,
    served,
    state: status === 200 ? 'completed' : 'failed',
    submitted: submittedTask(ground, {
      index,
      work: {
        kind: 'download',
        request: {url: url(path), method: 'GET', headers},
        options: {directory: downloads, fileName: name}
      }
    })
  }
}

function uploadOrder(
  ground: Ground,
  {index, what}: {index: number; what: 'upload' | 'resumableUpload'}
): Order {
  const {random, number, sources, uploads, secret, url, resumableUrl} = ground
  const name = `source${index}`
  const path = `/${number}/${name}`
  const content = seededBytes(1 + Math.floor(random() * 300 * kilobyte), number * orders + index)
  const file = join(sources, name)
  writeFileSync(file, content)
  const {size, mtimeMs, dev, ino} = statSync(file)
  const target = what === 'upload' ? url(path) : resumableUrl(path)
  return {
    what,
    name: path,
    content,
    served: undefined,
    state: 'completed',
    submitted: submittedTask(ground, {
      index,
      work: {
        kind: 'upload',
        request: {url: target, method: 'PUT', headers: [['authorization', `Bearer ${secret}`]]},
        source: {path: file, lifetime: 'user', size, modified: mtimeMs, device: dev, inode: ino},
        options: {resumeDataFolder: uploads}
      }
    })
  }
}

function submittedTask(
  {number, random}: Ground,
  {index, work}: {index: number; work: SubmittedTask['work']}
): SubmittedTask {
  const id = `loop${String(number).padStart(5, '0')}x${String(index).padStart(3, '0')}`
  return {id, work, label: null, priority: random(), earliestBegin: null}
}
