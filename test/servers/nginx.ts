import {
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
import {certificates} from '../origin/certificates.ts'
import {freePort, locateProgram, Program} from './program.ts'

const installed = {name: 'nginx', package: 'nginx-light'}

/** One request as nginx saw it; a header that was not sent is an empty string. */
export interface Served {
  readonly method: string
  readonly uri: string
  readonly status: number
  readonly range: string
  readonly ifRange: string
  readonly authorization: string
  readonly sentEncoding: string
  readonly expect: string
  /** Bytes of the request, with its head. */
  readonly length: number
}

export interface NginxOptions {
  /** Lines for the server, plain and TLS alike; ROOT stands for the folder it serves. */
  readonly locations?: string
}

/** A real nginx on the loopback interface: one process, all of its files in a folder of its own. */
export class Nginx {
  /** What it serves. */
  readonly root: string
  readonly port: number
  readonly tlsPort: number
  readonly #folder: string
  readonly #path = locateProgram(installed)
  #program: Program | undefined

  constructor(ports: {port: number; tlsPort: number}, {locations = ''}: NginxOptions) {
    this.port = ports.port
    this.tlsPort = ports.tlsPort
    this.#folder = mkdtempSync(join(realpathSync(tmpdir()), 'ferry-nginx-'))
    this.root = join(this.#folder, 'root')
    mkdirSync(this.root)
    writeFileSync(join(this.#folder, 'nginx.conf'), configuration(this.#folder, {...ports, locations}))
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  tlsUrl(path: string): string {
    return `https://localhost:${this.tlsPort}${path}`
  }

  /** Puts a file into the root; nginx makes its ETag of the length and the time, so another time is another version. */
  write(name: string, content: Uint8Array, time = new Date('2024-05-06T07:08:09Z')): void {
    const path = join(this.root, name)
    writeFileSync(path, content)
    utimesSync(path, time, time)
  }

  /** Every request that has ended so far. */
  get requests(): Served[] {
    return readFileSync(join(this.#folder, 'requests'), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Served)
  }

  async start(): Promise<void> {
    this.#program = new Program(this.#path, ['-p', this.#folder, '-e', 'stderr', '-c', 'nginx.conf'])
    await this.#program.untilListening(this.port)
  }

  async stop(): Promise<void> {
    await this.#program?.stop()
  }

  /** The process stands still: its connections stay open, and nothing comes (fault row 9). */
  freeze(): void {
    this.#program?.signal('SIGSTOP')
  }

  thaw(): void {
    this.#program?.signal('SIGCONT')
  }

  // Of those that were meant for somebody: of which port were they told?
  #watchSecrets(): void {
    const log = join(this.#folder, 'secrets')
    if (!existsSync(log)) return
    for (const line of readFileSync(log, 'utf8').split('\n'))
      watchRequest(line, {port: Number.parseInt(line)})
  }

  async close(): Promise<void> {
    await this.stop()
    this.#watchSecrets()
    rmSync(this.#folder, {recursive: true, force: true, maxRetries: 3})
  }
}

/** Starts nginx on free ports; should another process take one of them meanwhile, on others. */
export async function startNginx(options: NginxOptions = {}): Promise<Nginx> {
  for (let attempt = 1; ; attempt++) {
    const nginx = new Nginx({port: await freePort(), tlsPort: await freePort()}, options)
    try {
      await nginx.start()
      return nginx
    } catch (error) {
      await nginx.close()
      if (attempt === 3 || !String(error).includes('Address already in use')) throw error
    }
  }
}

interface Layout {
  readonly port: number
  readonly tlsPort: number
  readonly locations: string
}

// A single process needs no second signal to freeze, and nobody is left behind when it is killed.
function configuration(folder: string, {port, tlsPort, locations}: Layout): string {
  const {certPath, keyPath} = certificates.good
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off;
master_process off;
pid ${folder}/pid;
events {}
http {
  default_type application/octet-stream;
  absolute_redirect off;
  log_format facts escape=json '{"method":"$request_method","uri":"$request_uri","status":$status,'
    '"range":"$http_range","ifRange":"$http_if_range","authorization":"$http_authorization",'
    '"sentEncoding":"$sent_http_content_encoding","expect":"$http_expect","length":$request_length}';
  access_log ${folder}/requests facts;
  log_format secrets '$server_port $request_uri $http_authorization $http_cookie $http_proxy_authorization';
  access_log ${folder}/secrets secrets;
  ${temporary.map(name => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  ssl_certificate ${certPath};
  ssl_certificate_key ${keyPath};
  # The first request of a file is slow, so that a test can come between; what continues it is not.
  map $http_range $first_rate { "" 256k; default 0; }
  server {
    listen 127.0.0.1:${port};
    listen 127.0.0.1:${tlsPort} ssl;
    root ${folder}/root;
    location /slow/ { alias ${folder}/root/; sendfile_max_chunk 16k; limit_rate $first_rate; }
    ${locations.replaceAll('ROOT', `${folder}/root`)}
  }
}
`
}
