import {spawnSync} from 'node:child_process'
import {chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {freePort, locateProgram, Program} from './program.ts'

const realm = 'FERRY.TEST'
const installed = {
  kdc: {name: 'krb5kdc', package: 'krb5-kdc'},
  database: {name: 'kdb5_util', package: 'krb5-kdc'},
  administration: {name: 'kadmin.local', package: 'krb5-admin-server'},
  login: {name: 'kinit', package: 'krb5-user'}
}

type Environment = Readonly<Record<string, string>>

/** A real KDC of a realm of its own on the loopback interface, with all of its files in one folder. */
export class Kdc {
  readonly port: number
  readonly #folder = mkdtempSync(join(realpathSync(tmpdir()), 'ferry-kdc-'))
  #program: Program | undefined

  constructor(port: number) {
    this.port = port
    writeFileSync(this.#path('krb5.conf'), clientSettings(port))
    writeFileSync(this.#path('kdc.conf'), serverSettings(this.#folder, port))
    this.#run(installed.database, ['create', '-s', '-r', realm, '-P', 'master'])
    // The children of Apache may be another user.
    chmodSync(this.#folder, 0o755)
  }

  /** What a program needs to be in the realm; tickets are kept where told. */
  environment(tickets: string): Environment {
    return {KRB5_CONFIG: this.#path('krb5.conf'), KRB5CCNAME: `FILE:${tickets}`}
  }

  addUser(name: string, password: string): void {
    this.#administrate(`addprinc -pw ${password} ${name}`)
  }

  /** Registers HTTP at a host. */
  addService(host: string): void {
    this.#administrate(`addprinc -randkey HTTP/${host}`)
  }

  /** A file with the keys of HTTP at these hosts, for their server. */
  keysOf(...hosts: readonly string[]): string {
    const keytab = this.#path('keytab')
    for (const host of hosts) this.#administrate(`ktadd -k ${keytab} HTTP/${host}`)
    chmodSync(keytab, 0o644)
    return keytab
  }

  /** The services that tickets were given out for on the strength of another ticket, in order. */
  get issued(): readonly string[] {
    const log = readFileSync(this.#path('kdc.log'), 'utf8')
    return [...log.matchAll(/TGS_REQ .*: ISSUE: .* for (\S+)$/gm)].map(([, service]) => service ?? '')
  }

  /** Gets a ticket that could be forwarded, as kinit does for a user who types the password. */
  logIn(user: {name: string; password: string}, tickets: string, life = '1h'): void {
    this.#run(installed.login, ['-f', '-l', life, user.name], {
      input: user.password,
      environment: this.environment(tickets)
    })
  }

  async start(): Promise<void> {
    const words = ['-n', '-r', realm, '-P', this.#path('pid')]
    this.#program = new Program(locateProgram(installed.kdc), words, this.#settings)
    await this.#program.untilListening(this.port)
  }

  async close(): Promise<void> {
    await this.#program?.stop()
    rmSync(this.#folder, {recursive: true, force: true, maxRetries: 3})
  }

  get #settings(): Environment {
    return {KRB5_CONFIG: this.#path('krb5.conf'), KRB5_KDC_PROFILE: this.#path('kdc.conf')}
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }

  #administrate(query: string): void {
    this.#run(installed.administration, ['-r', realm, '-q', query])
  }

  #run(
    program: {name: string; package: string},
    words: readonly string[],
    {input = '', environment = this.#settings}: {input?: string; environment?: Environment} = {}
  ): void {
    const env = {...process.env, ...environment}
    const {status, stdout, stderr} = spawnSync(locateProgram(program), words, {env, input, encoding: 'utf8'})
    if (status !== 0) throw new Error(`${program.name} ends with ${status}: ${stdout}${stderr}`)
  }
}

export async function startKdc(): Promise<Kdc> {
  const kdc = new Kdc(await freePort())
  try {
    await kdc.start()
    return kdc
  } catch (error) {
    await kdc.close()
    throw error
  }
}

// Nobody may ask a name server: neither for the realm, nor for the KDC, nor for what a host is really called.
function clientSettings(port: number): string {
  return `[libdefaults]
  default_realm = ${realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_uri_lookup = false
  dns_canonicalize_hostname = false
  rdns = false
  qualify_shortname = ""
  udp_preference_limit = 1
[realms]
  ${realm} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  .ferry.test = ${realm}
  localhost = ${realm}
`
}

function serverSettings(folder: string, port: number): string {
  return `[kdcdefaults]
  kdc_listen = ""
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${realm} = {
    database_name = ${folder}/principal
    key_stash_file = ${folder}/stash
    acl_file = ${folder}/acl
  }
[logging]
  kdc = FILE:${folder}/kdc.log
  default = FILE:${folder}/other.log
`
}
