import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, vi} from 'vitest'
import {batchHook} from '../../../src/commands/daemon/run-batch-hook.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'

const environment = {PATH: process.env['PATH'] ?? ''}

/** Runs a script as the command of a batch; resolves with what is said of it. */
async function said(
  script: string,
  variables: Record<string, string> = environment
): Promise<readonly string[]> {
  const path = join(scratchFolder(), 'script')
  writeFileSync(path, script)
  const say = vi.fn<(sentence: string) => void>()
  await batchHook(say)(`sh ${path}`, '{}', variables)
  return say.mock.calls.map(([sentence]) => sentence.replace('the command of --on-complete says: ', ''))
}

describe('The command for finished batches', () => {
  it('complains into the log, a line each, and only so much', async () => {
    expect(await said('echo one >&2; echo; echo two >&2')).toEqual(['one', 'two'])
    const many = await said('i=0; while [ $i -lt 3000 ]; do echo line >&2; i=$((i+1)); done')
    expect(many).toHaveLength(20)
    const [long = ''] = await said('head -c 1000000 /dev/zero | tr "\\0" x >&2')
    expect(long).toHaveLength(4096)
  })

  it('has ended when it has, whatever it leaves running', async () => {
    const begun = performance.now()
    expect(await said('echo gone >&2; sleep 20 &')).toEqual(['gone'])
    expect(performance.now() - begun).toBeLessThan(15_000)
  })

  it('sees the variables it was submitted with, and none of the process that runs it', async () => {
    vi.stubEnv('LC_ALL', 'of the first starter')
    expect(
      await said('echo "${LC_ALL-none} ${HOME-none} ${LANG-none}" >&2', {...environment, LANG: 'C'})
    ).toEqual(['none none C'])
    vi.unstubAllEnvs()
  })

  it('may run as often as there are batches', async () => {
    const before = process.listenerCount('exit')
    const hook = batchHook(() => {})
    for (let batch = 0; batch < 12; batch += 1) await hook('true', '{}', environment)
    expect(process.listenerCount('exit')).toBe(before + 1)
  })
})
