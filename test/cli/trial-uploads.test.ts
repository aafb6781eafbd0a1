import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import {startOnTerminal} from '../cli-run/terminal.ts'
import type {TerminalRun} from '../cli-run/terminal.ts'
import {respond} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'
import {scratchFolder} from '../scratch/scratch-folder.ts'
import {whole} from './crossing.ts'
import {explanation} from './said.ts'
import {answer, uploadCrossing} from './upload-crossing.ts'

describe('the same command after an upload was paused', () => {
  it('names the command that begins again, where the file has changed since, and none that would fail again', async () => {
    const crossing = await uploadCrossing()
    await crossing.pausedUpload()
    writeFileSync(crossing.path('F'), whole.toReversed())
    const refused = await crossing.run(['upload', 'F', crossing.url])
    expect(refused.code).toBe(26)
    expect(explanation(refused)).toMatchObject({code: 'SOURCE_CHANGED'})
    expect(refused.stderr).not.toContain('continue with')
    const [, command = ''] = /^Begin again with: ferry (resume .+)$/m.exec(refused.stderr) ?? []
    expect(await crossing.run(command.split(' '))).toMatchObject({code: 0, stdout: answer})
    expect(crossing.resource.content.equals(whole.toReversed())).toBe(true)
    expect(await crossing.tasks()).toEqual([])
  })

  it('says what was sent before, where the server cannot be asked', async () => {
    const crossing = await uploadCrossing()
    const {url} = crossing
    const {bytes} = await crossing.pausedUpload()
    await crossing.server.origin.close()
    const run = await crossing.run(['upload', '--retry', '0', 'F', url])
    expect(run.code).toBe(7)
    expect(run.stderr).toMatch(/^Sent: [1-9]\d* KiB; continue with: ferry resume /m)
    expect(await crossing.task()).toMatchObject({state: 'failed', bytes, total: whole.length})
  })
})

describe('an upload on a terminal', () => {
  it('prints the whole answer above the line that says it was sent, also one without an end of line', async () => {
    const {screen} = await uploadedOnTerminal(Buffer.from('first\nlast'))
    expect(screen).toMatch(/first\s+last\s+(?:\x1B\[\d*[A-Za-z])*sent/)
  })

  it('says that the server has the file, although its answer is not fit for the screen', async () => {
    const {code, screen} = await uploadedOnTerminal(Buffer.from([0, 1, 2]))
    expect(code).toBe(23)
    expect(screen).toContain('Why: The server has what was sent, but its answer is binary')
  })
})

describe('an upload whose answer is wanted whatever its status', () => {
  it('does not say that it was sent without saying what the server answered', async () => {
    await using origin = await startOrigin()
    origin.on('/F', respond(404, {}, 'nothing here\n'))
    const run = await runFerry(['upload', '--no-fail', '-d', 'x', origin.url('/F')])
    expect(run).toMatchObject({code: 0, stdout: 'nothing here\n'})
    expect(run.stderr).toMatch(/^sent data to .*; the server answered 404 Not Found\)$/m)
  })
})

async function uploadedOnTerminal(content: Buffer): Promise<TerminalRun> {
  await using origin = await startOrigin()
  origin.on('/F', respond(200, {}, content))
  const cwd = scratchFolder()
  writeFileSync(join(cwd, 'F'), 'x')
  return await startOnTerminal(['upload', 'F', origin.url('/F')], {cwd}).done
}
