import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {canary} from '../canary/canary.ts'
import {runFerry} from '../cli-run/ferry.ts'
import {runInShell} from '../cli-run/shell.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {explanation} from './said.ts'

it.each([
  ['thrown', 'throw fault'],
  ['the reason of a promise', 'void Promise.reject(fault)']
])('a fault of ferry itself is told without the secrets that it knows of: %s', async (_how, end) => {
  await using origin = await startOrigin()
  const secret = canary('link', origin)
  origin.serve('/F', {body: 'x'.repeat(2000), entityTag: '"v1"', fault: {stallAfter: 100}})
  const cwd = scratchFolder()
  const url = origin.url(`/F?token=${secret}`).replace('//', `//ana:${secret}@`)
  // As an error of a library would be, that keeps what it was called with.
  const fault = `const fault = Object.assign(new Error('Broken at ${url}'), {url: '${url}'})`
  writeFileSync(join(cwd, 'break.mjs'), `setTimeout(() => {\n${fault}\n${end}\n}, 300)\n`)
  const env = {NODE_OPTIONS: `--import ${join(cwd, 'break.mjs')}`}
  const run = await runFerry(['get', '-v', '--json', '-o', 'F', url], {cwd, env})
  expect(run.code).toBe(70)
  expect(explanation(run)).toMatchObject({code: 'UNEXPECTED', next: expect.stringContaining('report')})
  expect(JSON.parse(run.stdout)).toMatchObject({ok: false, error: {code: 'UNEXPECTED'}})
  expect(run.stdout + run.stderr).not.toContain(secret)
})

it('a tag that cannot be saved is a failure that is told, and the file is there', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {body: 'content', entityTag: '"v1"'})
  const cwd = scratchFolder()
  const run = await runFerry(['get', '-o', 'F', '--etag-save', 'none/tag', origin.url('/F')], {cwd})
  expect(run.code).toBe(23)
  expect(explanation(run)).toMatchObject({code: 'WRITE_FAILED', why: expect.stringContaining('none/tag')})
  expect(readFileSync(join(cwd, 'F'), 'utf8')).toBe('content')
})

it.each([
  ['a download', 'get "$URL"'],
  ['one of the background', 'get --background "$URL"'],
  ['what goes on', 'resume F.ferry']
])('a folder that was removed under %s is no fault of ferry: 23, and what to do', async (_what, words) => {
  await using origin = await startOrigin()
  const run = await runInShell(`mkdir gone && cd gone && rmdir ../gone && ferry ${words}`, {
    env: {URL: origin.url('/F')}
  })
  expect(run.code).toBe(23)
  expect(run.stderr).toBe(
    'ferry: Failed: The current folder is not there any more (WRITE_FAILED)\n' +
      'Next: Change into a folder that is there, and say it again.\n'
  )
})
