import {readFileSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect, it, onTestFinished} from 'vitest'
import {daemonHome, until} from '../cli-run/daemon.ts'
import {startFerry} from '../cli-run/ferry.ts'

it.runIf(process.platform === 'linux')(
  'a daemon sleeps while its only task waits for tomorrow and a client is attached: nothing wakes it',
  async () => {
    const stage = daemonHome()
    const {pid} = await stage.start()
    await stage.ferry('get', '--background', '--start-at', '24h', '-o', 'F', 'http://127.0.0.1:9/F')
    const client = startFerry(['sessions', 'attach', 'background'], {env: {FERRY_HOME: stage.home}})
    onTestFinished(() => client.kill('SIGKILL'))
    await client.untilStdout(/task\.created/)
    const wakings = (): string =>
      /^voluntary_ctxt_switches:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
    expect(wakings()).not.toBe('')
    // The collector tidies up once after the start.
    await until(async () => {
      const before = wakings()
      await sleep(3000)
      return wakings() === before
    })
  }
)
