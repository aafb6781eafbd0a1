import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {freePort, locateProgram, Program} from './program.ts'
import type {ProxyUser} from './tinyproxy.ts'

/**
 * A real dante (SOCKS5) on the loopback interface, as long as the test runs. It signs in users of the system only, so one
 * is made for it alone: in a mount namespace with accounts of its own. Needs root.
 */
export async function startDante(user?: ProxyUser): Promise<string> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ferry-dante-'))
  const port = await freePort()
  writeFileSync(join(folder, 'danted.conf'), configuration(port, user ? 'username' : 'none'))
  writeAccounts(folder, user)
  const dante = locateProgram({name: 'danted', package: 'dante-server'})
  const scene = [
    'mount --bind "$1/passwd" /etc/passwd',
    'mount --bind "$1/shadow" /etc/shadow',
    'exec "$2" -f "$1/danted.conf" -p "$1/pid"'
  ].join(' && ')
  const unshare = locateProgram({name: 'unshare', package: 'util-linux'})
  const program = new Program(unshare, ['--mount', 'sh', '-c', scene, 'sh', folder, dante])
  onTestFinished(async () => {
    await program.stop()
    rmSync(folder, {recursive: true, force: true, maxRetries: 3})
  })
  await program.untilListening(port)
  return `socks5://127.0.0.1:${port}`
}

function writeAccounts(folder: string, account: ProxyUser | undefined): void {
  const passwd = readFileSync('/etc/passwd', 'utf8')
  const {user, password} = account ?? {user: 'nobody-else', password: 'x'}
  const openssl = locateProgram({name: 'openssl', package: 'openssl'})
  const hash = execFileSync(openssl, ['passwd', '-6', '-stdin'], {input: password}).toString().trim()
  writeFileSync(join(folder, 'passwd'), `${passwd}${user}:x:65533:65534::/nonexistent:/usr/sbin/nologin\n`)
  writeFileSync(join(folder, 'shadow'), `${user}:${hash}:19000:0:99999:7:::\n`)
}

function configuration(port: number, method: 'none' | 'username'): string {
  return `
logoutput: stderr
internal: 127.0.0.1 port = ${port}
external: lo
user.privileged: root
user.unprivileged: nobody
clientmethod: none
socksmethod: ${method}
client pass { from: 127.0.0.0/8 to: 127.0.0.0/8 }
socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 }
socks block { from: 0.0.0.0/0 to: 0.0.0.0/0 }
`
}
