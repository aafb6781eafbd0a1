import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'

it('damaged resume data beside the target stops a get, which does not advise to trust it', async () => {
  await using origin = await startOrigin()
  origin.serve('/F', {body: 'content', entityTag: '"1"'})
  const cwd = scratchFolder()
  writeFileSync(join(cwd, 'F.ferry'), 'damaged')
  writeFileSync(join(cwd, 'F.part'), 'con')
  const {code, stderr} = await runFerry(['get', '-o', 'F', origin.url('/F')], {cwd})
  expect(code).toBe(111)
  expect(stderr).toMatch(/^Next: Remove F\.ferry and its partial file/m)
  expect(stderr).not.toContain('--trust-resume-data')
})
