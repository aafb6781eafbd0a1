import {createHash} from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {watchRequest} from '../canary/canary.ts'
import {freePort, locateProgram, Program} from './program.ts'

const installed = {name: 'apache2', package: 'apache2 libapache2-mod-auth-gssapi gss-ntlmssp'}
const modules = '/usr/lib/apache2/modules'
const realm = 'files'

/** Who may come in, and how Apache can tell. */
export interface ApacheUsers {
  /** The file with the keys of its services. */
  readonly keytab: string
  /** For Digest and Basic. */
  readonly user: {readonly name: string; readonly password: string}
  /** Lines DOMAIN:USER:PASSWORD, for NTLM. */
  readonly ntlmUsers: string
  /** What tells the libraries about the realm. */
  readonly environment: Readonly<Record<string, string>>
}

/** One request as Apache saw it; what was not sent, or nobody's, is "-". */
export interface AskedOfApache {
  readonly uri: string
  readonly status: number
  readonly user: string
  readonly authorization: string
  readonly range: string
  /** How many requests its connection had carried before. */
  readonly before: number
  readonly clientPort: number
}

/** A real Apache on the loopback interface, which asks for who one is in one way for each of its folders. */
export class Apache {
  readonly root: string
  readonly port: number
  readonly #folder = mkdtempSync(join(realpathSync(tmpdir()), 'ferry-apache-'))
  readonly #users: ApacheUsers
  #program: Program | undefined

  constructor(port: number, users: ApacheUsers) {
    this.port = port
    this.#users = users
    this.root = join(this.#folder, 'root')
    mkdirSync(this.root)
    // As root Apache becomes another user, who has to come in here too.
    chmodSync(this.#folder, 0o755)
    const {name, password} = users.user
    const md5 = createHash('md5').update(`${name}:${realm}:${password}`).digest('hex')
    const sha1 = createHash('sha1').update(password).digest('base64')
    writeFileSync(this.#path('digest'), `${name}:${realm}:${md5}\n`)
    writeFileSync(this.#path('basic'), `${name}:{SHA}${sha1}\n`)
    writeFileSync(this.ntlmUsers, users.ntlmUsers)
    writeFileSync(this.#path('apache.conf'), settings(this.#folder, {port, keytab: users.keytab}))
  }

  /** The file that NTLM_USER_FILE names. */
  get ntlmUsers(): string {
    return this.#path('ntlm')
  }

  /** Every request that has ended so far. */
  get requests(): readonly AskedOfApache[] {
    if (!existsSync(this.#path('requests'))) return []
    const lines = readFileSync(this.#path('requests'), 'utf8').split('\n')
    return lines.filter(line => line !== '').map(readRequest)
  }

  /** Puts a file into the root, old enough for Apache to vouch for its ETag. */
  write(name: string, content: Uint8Array): void {
    const [path, time] = [join(this.root, name), new Date('2024-05-06T07:08:09Z')]
    writeFileSync(path, content)
    utimesSync(path, time, time)
  }

  async start(): Promise<void> {
    const environment = {
      ...this.#users.environment,
      NTLM_USER_FILE: this.ntlmUsers,
      KRB5_KTNAME: this.#users.keytab
    }
    this.#program = new Program(
      locateProgram(installed),
      ['-X', '-f', this.#path('apache.conf')],
      environment
    )
    await this.#program.untilListening(this.port)
  }

  async close(): Promise<void> {
    await this.#program?.stop()
    for (const {uri, authorization} of this.requests) watchRequest(`${uri} ${authorization}`, this)
    rmSync(this.#folder, {recursive: true, force: true, maxRetries: 3})
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

export async function startApache(users: ApacheUsers): Promise<Apache> {
  const apache = new Apache(await freePort(), users)
  try {
    await apache.start()
    return apache
  } catch (error) {
    await apache.close()
    throw error
  }
}

function readRequest(line: string): AskedOfApache {
  const [uri = '', status, user = '', authorization = '', range = '', before, clientPort] = line.split('\t')
  return {
    uri,
    status: Number(status),
    user,
    authorization,
    range,
    before: Number(before),
    clientPort: Number(clientPort)
  }
}

function settings(folder: string, {port, keytab}: {port: number; keytab: string}): string {
  const parts = [
    'mpm_event',
    'authn_core',
    'authn_file',
    'authz_core',
    'authz_user',
    'auth_basic',
    'auth_digest',
    'auth_gssapi',
    'alias',
    'rewrite'
  ]
  return `
ServerRoot ${folder}
ServerName files.ferry.test
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
Listen 127.0.0.1:${port}
${parts.map(part => `LoadModule ${part}_module ${modules}/mod_${part}.so`).join('\n')}
User www-data
Group www-data
StartServers 1
ErrorLog ${folder}/errors
LogFormat "%U%q\\t%>s\\t%u\\t%{Authorization}i\\t%{Range}i\\t%k\\t%{remote}p" facts
CustomLog ${folder}/requests facts
DocumentRoot ${folder}/root
<Directory ${folder}/root>
  Require all granted
</Directory>
AliasMatch ^/(?:kerberos|ntlm|either|digest|basic)/(\\w+)$ ${folder}/root/$1
${protectedBy('kerberos', `AuthType GSSAPI\nGssapiCredStore keytab:${keytab}\nGssapiAllowedMech krb5`)}
${protectedBy('ntlm', 'AuthType GSSAPI\nGssapiAllowedMech ntlmssp\nGssapiConnectionBound On')}
${protectedBy('digest', `AuthType Digest\nAuthDigestProvider file\nAuthUserFile ${folder}/digest`)}
${protectedBy('basic', `AuthType Basic\nAuthUserFile ${folder}/basic`)}
${protectedBy('either', 'AuthType GSSAPI\nGssapiAllowedMech krb5\nGssapiBasicAuth On')}
# Inside a place, so that it is known who asks before they are sent away.
${redirected('/kerberos/away', `http://elsewhere.ferry.test:${port}/kerberos/F`)}
${redirected('/ntlm/on', '/ntlm/F')}
`
}

function protectedBy(place: string, lines: string): string {
  return `<Location /${place}>\nAuthName ${realm}\n${lines}\nRequire valid-user\n</Location>`
}

function redirected(from: string, to: string): string {
  return `<LocationMatch ^${from}$>\nRewriteEngine On\nRewriteRule .* ${to} [R=302]\n</LocationMatch>`
}
