import {readFileSync, readdirSync} from 'node:fs'
import {expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

/** A folder, an origin and one suspended task of it. */
async function suspended() {
  const cwd = scratchFolder()
  const home = {FERRY_HOME: scratchFolder()}
  const origin = await startOrigin()
  origin.serve('/F', {body: 'content', entityTag: '"v1"'})
  const run = (words: readonly string[]) => runFerry(words, {cwd, env: home})
  const made = await run(['get', '--suspended', '-o', 'F', origin.url('/F')])
  return {cwd, origin, run, made, id: made.stdout.trim()}
}

it('writes a download down without asking the server, and resume starts it [R18]', async () => {
  const {cwd, origin, run, made, id} = await suspended()
  expect(made).toMatchObject({code: 0, stdout: expect.stringMatching(/^[0-9a-z]{10,}\n$/)})
  expect(origin.connections).toBe(0)
  const {tasks} = JSON.parse((await run(['tasks', '--json'])).stdout) as {tasks: object[]}
  expect(tasks).toMatchObject([{id, state: 'suspended', bytes: 0, pid: null, actions: ['resume', 'cancel']}])
  expect(await run(['resume', id])).toMatchObject({code: 0})
  expect(readFileSync(`${cwd}/F`, 'utf8')).toBe('content')
  expect(readdirSync(cwd)).toEqual(['F'])
  expect(await run(['resume', id])).toMatchObject({
    code: 111,
    stderr: expect.stringContaining('started already')
  })
  await origin.close()
})

it('is ended by cancel, and cannot be paused or waited for', async () => {
  const {cwd, origin, run, id} = await suspended()
  expect(await run(['pause', id])).toMatchObject({code: 111})
  expect(await run(['wait', id])).toMatchObject({
    code: 111,
    stderr: expect.stringContaining(`ferry resume ${id}`)
  })
  expect(await run(['cancel', id])).toMatchObject({code: 0})
  expect(readdirSync(cwd)).toEqual([])
  expect(origin.connections).toBe(0)
  await origin.close()
})

it('is for files only: data that is printed cannot wait on disk', async () => {
  const {code, stderr} = await runFerry(['get', '--suspended', '-o', '-', 'http://127.0.0.1:1/x'])
  expect({code, stderr}).toMatchObject({code: 2, stderr: expect.stringContaining('--suspended')})
})

it('refuses a target that is there already, as the download itself would', async () => {
  const {cwd, origin, run} = await suspended()
  await run(['get', '-o', 'G', origin.url('/F')])
  const refused = await run(['get', '--suspended', '--if-exists', 'fail', '-o', 'G', origin.url('/F')])
  expect(refused).toMatchObject({code: 113})
  expect(readdirSync(cwd).toSorted()).toEqual(['F.ferry', 'G'])
  await origin.close()
})
