import {chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {setMark} from '../../src/control/background/unfinished-mark.ts'
import {daemonHome, until} from '../cli-run/daemon.ts'
import {leaveWork, startDaemonOf as start} from '../cli-run/daemon-start.ts'

describe('The daemon', () => {
  it('is not started where others could put another folder in place of its own', async () => {
    const stage = daemonHome()
    mkdirSync(join(stage.home, 'state'))
    chmodSync(join(stage.home, 'state'), 0o777)
    await expect(start(stage)).rejects.toMatchObject({
      code: 'REFUSED',
      hint: expect.stringContaining('chmod go-w')
    })
    expect(existsSync(join(stage.home, 'state', 'background', 'daemon.log'))).toBe(false)
  })

  it('makes its sockets again where somebody has removed them, as soon as it is wanted', async () => {
    const stage = daemonHome()
    leaveWork(stage)
    const {pid} = await start(stage)
    rmSync(join(stage.home, 'run'), {recursive: true})
    expect((await start(stage)).pid).toBe(pid)
    rmSync(join(stage.home, 'run', 'daemon.sock'))
    expect((await stage.status()).pid).toBe(pid)
    expect(stage.log().match(/made its sockets again/g)).toHaveLength(2)
  })

  it.each(['daemon.log', 'owner.sqlite', 'starter.sqlite', 'journal.sqlite', 'journal.sqlite-shm'])(
    'is not started with a link in place of %s, and what that leads to stays as it is',
    async name => {
      const stage = daemonHome()
      const folder = join(stage.home, 'state', 'background')
      mkdirSync(folder, {recursive: true, mode: 0o700})
      chmodSync(join(stage.home, 'state'), 0o700)
      const precious = join(stage.home, 'precious')
      writeFileSync(precious, 'precious')
      symlinkSync(precious, join(folder, name))
      await expect(start(stage)).rejects.toMatchObject({message: expect.stringContaining(folder)})
      expect(readFileSync(precious, 'utf8')).toBe('precious')
    }
  )

  it.each(['unfinished', 'daemon.log.1', 'revived'])(
    'writes into nothing behind a link named %s',
    async name => {
      const stage = daemonHome()
      leaveWork(stage)
      const folder = join(stage.home, 'state', 'background')
      const precious = join(stage.home, 'precious')
      writeFileSync(precious, 'precious')
      writeFileSync(join(folder, 'daemon.log'), 'x'.repeat(2 << 20))
      rmSync(join(folder, name), {force: true})
      symlinkSync(precious, join(folder, name))
      await stage.ferry('sessions')
      await until(async () => (await stage.status()).running)
      setMark(join(stage.home, 'state'), 'unfinished')
      expect(readFileSync(precious, 'utf8')).toBe('precious')
    }
  )
})
