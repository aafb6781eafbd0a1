import {once} from 'node:events'
import {connect} from 'node:net'
import type {Socket} from 'node:net'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {controlToken} from '../../src/control/control-token.ts'
import {openEndpoint} from '../../src/control/endpoint.ts'
import type {Endpoint} from '../../src/control/endpoint.ts'
import {patience} from '../scratch/patience.ts'
import {newStage, raw} from './stage.ts'
import type {Stage} from './stage.ts'

const most = 64

let stage: Stage
let authorization: string
beforeEach(async () => {
  stage = await newStage()
  authorization = `Bearer ${await controlToken(stage.places.state)}`
})
afterEach(() => stage.clear())

/** Connections that say this, or nothing. */
async function clients(endpoint: Endpoint, count: number, said = ''): Promise<readonly Socket[]> {
  const sockets = Array.from({length: count}, () => connect(endpoint.address.socketPath))
  for (const socket of sockets) socket.on('error', () => {})
  await Promise.all(sockets.map(socket => once(socket, 'connect')))
  for (const socket of sockets) socket.write(said)
  return sockets
}

function asking(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ferry\r\nAuthorization: ${authorization}\r\n\r\n`
}

describe('A crowd of clients', () => {
  it('keeps nobody out by being there: those that ask nothing make room for those that do', async () => {
    const endpoint = await stage.open()
    const silent = await clients(endpoint, 100)
    for (let time = 0; time < 10; time++)
      await expect(raw(endpoint, {path: '/tasks', authorization})).resolves.toMatchObject({status: 200})
    for (const socket of silent) socket.destroy()
  })

  it('has 64 at most that wait: the next is dropped, until one of them leaves', async () => {
    const endpoint = await stage.open()
    const watchers = await clients(endpoint, most, asking('/tasks/watch'))
    await Promise.all(watchers.map(socket => once(socket, 'data')))
    await expect(raw(endpoint, {path: '/tasks', authorization})).rejects.toThrow()
    watchers[0]?.destroy()
    const next = (): Promise<unknown> => raw(endpoint, {path: '/tasks', authorization}).catch(() => 'dropped')
    await expect.poll(next, patience).toMatchObject({status: 200})
    for (const socket of watchers) socket.destroy()
  })

  it('that does not read its answers is let go, and the process is idle again', async () => {
    const pages = Array.from({length: 100}, () => JSON.stringify('x'.repeat(100_000)))
    const endpoint = await openEndpoint({
      places: stage.places,
      token: await controlToken(stage.places.state),
      sessions: stage.sessions,
      roll: {find: () => undefined, list: () => [], texts: () => pages},
      patience: 200
    })
    const deaf = await clients(endpoint, 20, asking('/tasks?all'))
    await vi.waitUntil(() => !endpoint.desk.isIdle, patience)
    await vi.waitUntil(() => endpoint.desk.isIdle, patience)
    const answer = await raw(endpoint, {path: '/tasks?all', authorization})
    expect(answer.body).toMatchObject({tasks: {length: pages.length}})
    for (const socket of deaf) socket.destroy()
    await endpoint.close()
  })
})
