import {mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {freePort, locateProgram, Program} from './program.ts'

export interface ProxyUser {
  readonly user: string
  readonly password: string
}

/** A real tinyproxy on the loopback interface, as long as the test runs; it asks for Basic where there is somebody. */
export async function startTinyproxy(user?: ProxyUser): Promise<string> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ferry-tinyproxy-'))
  const port = await freePort()
  const lines = [
    `Port ${port}`,
    'Listen 127.0.0.1',
    'Allow 127.0.0.1',
    'LogLevel Error',
    ...(user ? [`BasicAuth ${user.user} ${user.password}`] : [])
  ]
  writeFileSync(join(folder, 'tinyproxy.conf'), `${lines.join('\n')}\n`)
  const path = locateProgram({name: 'tinyproxy', package: 'tinyproxy-bin'})
  const program = new Program(path, ['-d', '-c', join(folder, 'tinyproxy.conf')])
  onTestFinished(async () => {
    await program.stop()
    rmSync(folder, {recursive: true, force: true, maxRetries: 3})
  })
  await program.untilListening(port)
  return `http://127.0.0.1:${port}`
}
