import {
  appendFileSync,
  copyFileSync,
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {seededBytes} from '../../origin/seeded-bytes.ts'
import {digestOf, first, openStage, second} from './stage.ts'

const held = 400
const asked = `bytes=${held}-`

it.each([
  ['is not JSON', 'hello'],
  ['is empty', ''],
  ['is something else', '{"format":"ferry-resume-data"}'],
  ['is of another kind', '{"format":"ferry-resume-data","version":1,"kind":"upload"}']
])('makes no request and changes nothing when the resume data %s [D1]', async (_case, text) => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  writeFileSync(stage.resumeData, text)
  await expect(stage.resume()).rejects.toMatchObject({code: 'RESUME_DATA_INVALID'})
  await expect(stage.download()).resolves.toMatchObject({error: {code: 'RESUME_DATA_INVALID'}})
  expect(stage.origin.requests).toHaveLength(0)
  expect(readFileSync(stage.resumeData, 'utf8')).toBe(text)
  expect(digestOf(readFileSync(stage.partial))).toBe(digestOf(first.body.subarray(0, held)))
})

it('makes no request when the partial file is missing; asked to restart, fetches everything [D2]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  unlinkSync(stage.partial)
  await expect(stage.resume()).rejects.toMatchObject({code: 'NOT_RESUMABLE'})
  expect(stage.origin.requests).toHaveLength(0)
  expect(stage.files).toEqual(['F.ferry'])
  await expect(stage.resume({whenLost: 'restart'})).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges).toEqual([undefined])
  expect(stage.content).toBe(digestOf(first.body))
  expect(stage.files).toEqual(['F'])
})

it('cuts off what the part has beyond its checkpoint, whatever it is [D3]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  appendFileSync(stage.partial, seededBytes(900, 9))
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges).toEqual([asked])
  expect(stage.resumptions).toMatchObject([{offset: held, expectedTotalBytes: 1000}])
  expect(stage.content).toBe(digestOf(first.body))
})

it('starts from zero when the part is shorter than its checkpoint [D3]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  truncateSync(stage.partial, held - 1)
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges).toEqual([undefined])
  expect(stage.resumptions).toMatchObject([{offset: 0}])
  expect(stage.content).toBe(digestOf(first.body))
  expect(stage.files).toEqual(['F'])
})

it('starts from zero when the last bytes of the part are not those recorded [semantics 2.2, security 6.9 g]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  writeFileSync(stage.partial, second.body.subarray(0, held))
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges).toEqual([undefined])
  expect(stage.content).toBe(digestOf(first.body))
})

it('does not follow a link under the name of the part, nor write through a second name of it', async () => {
  const stage = await openStage()
  const victim = join(stage.folder, 'victim')
  await stage.interrupt(first, held)
  renameSync(stage.partial, victim)
  symlinkSync(victim, stage.partial)
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(digestOf(readFileSync(victim))).toBe(digestOf(first.body.subarray(0, held)))
  unlinkSync(stage.target)
  unlinkSync(stage.partial)
  await stage.interrupt(first, held)
  unlinkSync(victim)
  linkSync(stage.partial, victim)
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(digestOf(readFileSync(victim))).toBe(digestOf(first.body.subarray(0, held)))
  expect(stage.content).toBe(digestOf(first.body))
})

it('asks for no range when everything is here, but for the validator, and finishes [D4, wrong 6]', async () => {
  const stage = await openStage()
  await stage.interruptBeforeNaming(first)
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.origin.requests.map(({method}) => method)).toEqual(['HEAD'])
  expect(stage.resumptions).toMatchObject([{offset: 1000, expectedTotalBytes: 1000}])
  expect(stage.content).toBe(digestOf(first.body))
  expect(stage.files).toEqual(['F'])
})

it.each([
  ['has another tag', second, second.body],
  ['shows no validator', {body: second.body}, second.body],
  [
    'has another length in HEAD [fault 37]',
    {...first, faults: [{headers: {'content-length': '7'}}]},
    first.body
  ],
  ['refuses HEAD', {...first, faults: [{status: 405}]}, first.body]
])('fetches everything anew when all is here but the server %s [D4]', async (_case, server, body) => {
  const stage = await openStage()
  await stage.interruptBeforeNaming(first)
  stage.origin.change('/F', server)
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.origin.requests.map(({method}) => method)).toEqual(['HEAD', 'GET'])
  expect(stage.ranges).toEqual([undefined, undefined])
  expect(stage.content).toBe(digestOf(body))
})

it('finishes after a 416 that names exactly what is here, once HEAD agrees; its text is never written [D13]', async () => {
  const stage = await openStage()
  const unannounced = {...first, framing: 'chunked'} as const
  await stage.interrupt(unannounced, 1000)
  stage.origin.change('/F', unannounced)
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.origin.requests.map(({method}) => method)).toEqual(['GET', 'HEAD'])
  expect(stage.ranges).toEqual(['bytes=1000-', undefined])
  expect(stage.content).toBe(digestOf(first.body))
})

it.each([
  ['another version of that length', {...second, ifRange: 'ignored'} as const, second.body],
  ['a 416 without a length', {...first, unsatisfied: 'withoutLength'} as const, first.body]
])('fetches everything anew after a 416 of %s [D13, fault 32]', async (_case, server, body) => {
  const stage = await openStage()
  await stage.interrupt({...first, framing: 'chunked'}, 1000)
  stage.origin.change('/F', server)
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  expect(stage.ranges.at(-1)).toBeUndefined()
  expect(stage.content).toBe(digestOf(body))
})

it('continues in another folder what was moved there, and finds a part by its name first [R27, wrong 7]', async () => {
  const [stage, other] = [await openStage(), await openStage()]
  await stage.interrupt(first, held)
  renameSync(stage.partial, other.partial)
  renameSync(stage.resumeData, other.resumeData)
  await expect(other.resume()).resolves.toMatchObject({state: 'completed', path: other.target})
  expect(stage.ranges).toEqual([asked])
  expect(other.content).toBe(digestOf(first.body))
  expect(existsSync(stage.target)).toBe(false)
  expect(other.files).toEqual(['F'])
})

it('lets nobody use resume data twice: BUSY while one runs, invalid afterwards [R28, wrong 22]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  stage.origin.change('/F', {...first, faults: [{stallAfter: 100}, {}]})
  const copy = join(stage.folder, 'copy.ferry')
  copyFileSync(stage.resumeData, copy)
  const winner = await stage.session.downloadTaskWithResumeData(stage.resumeData)
  const late = await stage.session.downloadTaskWithResumeData(stage.resumeData)
  winner.resume()
  await stage.origin.untilRequests(1)
  await expect(stage.resume()).rejects.toMatchObject({code: 'BUSY'})
  late.resume()
  await expect(late.outcome).resolves.toMatchObject({state: 'failed', error: {code: 'BUSY'}})
  await winner.cancelByProducingResumeData()
  await expect(stage.resume()).resolves.toMatchObject({state: 'completed'})
  await expect(stage.resume()).rejects.toMatchObject({code: 'RESUME_DATA_INVALID'})
  expect(stage.content).toBe(digestOf(first.body))
})

it('says that resume data was used even where the file it became stands in the way [R28]', async () => {
  const stage = await openStage()
  await stage.interrupt(first, held)
  stage.origin.change('/F', first)
  const options = {options: {ifExists: 'fail'}} as const
  const winner = await stage.session.downloadTaskWithResumeData(stage.resumeData, options)
  const loser = await stage.session.downloadTaskWithResumeData(stage.resumeData, options)
  winner.resume()
  await expect(winner.outcome).resolves.toMatchObject({state: 'completed'})
  loser.resume()
  await expect(loser.outcome).resolves.toMatchObject({state: 'failed', error: {code: 'RESUME_DATA_INVALID'}})
  expect(stage.content).toBe(digestOf(first.body))
  expect(stage.files).toEqual(['F'])
})
