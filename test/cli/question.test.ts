import {expect, it} from 'vitest'
import {startOnTerminal} from '../cli-run/terminal.ts'
import {echo} from '../origin/handlers.ts'
import {startOrigin} from '../origin/origin.ts'

it('asks for a secret on the terminal and never shows it', async () => {
  await using origin = await startOrigin()
  origin.on('/x', echo)
  const ferry = startOnTerminal(['get', '-q', '-u', '-', '-o', '/dev/null', origin.url('/x')])
  await ferry.until(/NAME:PASSWORD for -u: /)
  ferry.press('name:hidden-word\r')
  const {code, screen} = await ferry.done
  expect(code).toBe(0)
  expect(screen).not.toContain('hidden-word')
  expect(origin.requests[0]?.header('authorization')).toBe(`Basic ${btoa('name:hidden-word')}`)
})

it('ends with 130 when ^C is the answer, and asks the server nothing', async () => {
  await using origin = await startOrigin()
  origin.on('/x', echo)
  const ferry = startOnTerminal(['get', '-u', '-', '-o', '/dev/null', origin.url('/x')])
  await ferry.until(/NAME:PASSWORD for -u: /)
  ferry.press('\x03')
  const {code} = await ferry.done
  expect(code).toBe(130)
  expect(origin.connections).toBe(0)
})
