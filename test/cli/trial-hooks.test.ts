import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {runFerry} from '../cli-run/ferry.ts'
import type {Origin} from '../origin/origin.ts'
import {startOrigin} from '../origin/origin.ts'

let origin: Origin

beforeAll(async () => {
  origin = await startOrigin()
  origin.serve('/F', {body: 'content'})
})
afterAll(() => origin.close())

describe('a hook that decides about a response', () => {
  it('is given the headers as in --events, by their names', async () => {
    const name = `grep -q '"headers":{[^}]*"content-type":"application/octet-stream"'`
    const hook = `${name} && echo '{"decision":"allow"}'`
    expect(await runFerry(['get', '--on-response', hook, origin.url('/F')])).toMatchObject({code: 0})
  })
})

describe('a hook that fails', () => {
  it('refuses the response, and the report names its exit code', async () => {
    const {code, stderr} = await runFerry(['get', '--on-response', 'exit 3', origin.url('/F')])
    expect(code).toBe(113)
    expect(stderr).toMatch(/^Why: The hook answered no decision and ended with 3: allow or cancel/m)
  })

  it('has decided nevertheless, if it printed a decision first', async () => {
    const hook = `echo '{"decision":"allow"}'; exit 3`
    expect(await runFerry(['get', '--on-response', hook, origin.url('/F')])).toMatchObject({code: 0})
  })

  it('changes nothing after the end of the transfer, but is told', async () => {
    const {code, stderr} = await runFerry(['get', '--on-complete', 'exit 3', origin.url('/F')])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^warning: --on-complete: The command ended with 3$/m)
  })
})
