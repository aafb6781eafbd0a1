import {expect, it, onTestFinished} from 'vitest'
import type {HeaderField} from '../../../src/engine/index.ts'
import {canary} from '../../canary/canary.ts'
import type {Handler} from '../../origin/connection.ts'
import {redirect, respond} from '../../origin/handlers.ts'
import {startOrigin} from '../../origin/origin.ts'
import {openWalkStage} from './walk-stage.ts'

const version = {'tus-resumable': '1.0.0'}
const created = respond(201, {...version, location: '/r'})

const named: Handler = async (_request, reply) => {
  await reply.informational(104, {'upload-draft-interop-version': '8', location: '/r'})
  await reply.reset()
}

it.each([
  ['tus', created, {...version, 'upload-offset': '1000'}],
  ['ietf', named, {'upload-offset': '1000', 'upload-complete': '?1'}]
] as const)(
  'an address that an upload resource redirects to is a secret before anybody hears of it (%s)',
  async (resumable, create, fields) => {
    const told: string[] = []
    const stage = await openWalkStage({
      configuration: {uploads: {resumable}, retry: {attempts: 1}},
      delegate: {
        didSendHead: (task, {url}) => void told.push(task.withoutSecrets(url.href)),
        didReceiveHead: (task, {headers}) => void told.push(task.withoutSecrets(locationsIn(headers)))
      }
    })
    const elsewhere = await startOrigin()
    onTestFinished(() => elsewhere.close())
    const place = canary('place', elsewhere)
    const key = canary('key', elsewhere)
    stage.origin.on('/U', create, 'head')
    stage.origin.on('/r', redirect(307, elsewhere.url(`/of/${place}?p=${key}`)))
    elsewhere.on('*', respond(204, fields))
    expect(await stage.upload()).toMatchObject({state: 'completed'})
    expect(elsewhere.requests.length).toBeGreaterThan(0)
    expect(told.filter(text => text.includes('/of/***?p=***')).length).toBeGreaterThan(1)
    expect(told.filter(text => text.includes(place) || text.includes(key))).toEqual([])
  }
)

function locationsIn(headers: readonly HeaderField[]): string {
  return headers
    .filter(([name]) => name === 'location')
    .map(([, value]) => value)
    .join()
}
