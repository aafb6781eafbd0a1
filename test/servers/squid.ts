import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {freePort, locateProgram, Program} from './program.ts'
import type {ProxyUser} from './tinyproxy.ts'

const realm = 'ferry test proxy'

/** A real squid on the loopback interface, as long as the test runs: one process, nothing kept. It signs users in. */
export async function startSquid(scheme: 'basic' | 'digest', user: ProxyUser): Promise<string> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ferry-squid-'))
  const port = await freePort()
  // Started by root, squid and its helpers are somebody else.
  chmodSync(folder, 0o755)
  writeFileSync(join(folder, 'users'), `${entries[scheme](user)}\n`)
  writeFileSync(join(folder, 'squid.conf'), configuration(folder, {port, scheme}))
  const path = locateProgram({name: 'squid', package: 'squid'})
  const program = new Program(path, ['-N', '-d', '1', '-f', join(folder, 'squid.conf')])
  onTestFinished(async () => {
    await program.stop()
    rmSync(folder, {recursive: true, force: true, maxRetries: 3})
  })
  await program.untilListening(port)
  return `http://127.0.0.1:${port}`
}

function hashed(password: string): string {
  const openssl = locateProgram({name: 'openssl', package: 'openssl'})
  return execFileSync(openssl, ['passwd', '-apr1', '-stdin'], {input: password}).toString().trim()
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
const entries = {
  basic: ({user, password}: ProxyUser) => `${user}:${hashed(password)}`,
  digest: ({user, password}: ProxyUser) => `${user}:${realm}:${md5(`${user}:${realm}:${password}`)}`
}

function configuration(folder: string, {port, scheme}: {port: number; scheme: 'basic' | 'digest'}): string {
  const helper =
    scheme === 'basic' ? `basic_ncsa_auth ${folder}/users` : `digest_file_auth -c ${folder}/users`
  return `
http_port 127.0.0.1:${port}
auth_param ${scheme} program /usr/lib/squid/${helper}
auth_param ${scheme} realm ${realm}
auth_param ${scheme} children 1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
access_log none
cache_log /dev/null
cache_store_log none
pid_filename none
netdb_filename none
pinger_enable off
coredump_dir ${folder}
visible_hostname localhost
shutdown_lifetime 0 seconds
`
}
