import {mkdtempSync, realpathSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {canary} from '../canary/canary.ts'
import {freePort, locateProgram, Program} from './program.ts'

const installed = {name: 'gunicorn', package: 'gunicorn python3-httpbin'}
const here = fileURLToPath(new URL('.', import.meta.url))

/** A real httpbin behind gunicorn on the loopback interface. */
export class Httpbin {
  readonly port: number
  /** Of ana, at /basic-upload and /digest-upload. */
  readonly password = canary('httpbin')
  readonly #folder = mkdtempSync(join(realpathSync(tmpdir()), 'ferry-httpbin-'))
  readonly #program: Program

  constructor(port: number) {
    this.port = port
    // Threads, because a slow answer must not keep the next request of a test waiting.
    const service = ['--worker-class', 'gthread', '--threads', '8', '--worker-tmp-dir', this.#folder]
    // Preloading finds out whether httpbin is there before the port takes connections.
    const place = [
      '--preload',
      '--bind',
      `127.0.0.1:${port}`,
      '--log-level',
      'warning',
      '--graceful-timeout',
      '1'
    ]
    const app = ['--pythonpath', here, 'httpbin_uploads:app']
    this.#program = new Program(locateProgram(installed), [...service, ...place, ...app], {
      PYTHONDONTWRITEBYTECODE: '1',
      ANA_PASSWORD: this.password
    })
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  /** Rejects when gunicorn gives up, as it does where httpbin is not installed. */
  untilListening(): Promise<void> {
    return this.#program.untilListening(this.port).catch((error: unknown) => {
      throw new Error(`httpbin does not start; install ${installed.package}`, {cause: error})
    })
  }

  async close(): Promise<void> {
    await this.#program.stop()
    rmSync(this.#folder, {recursive: true, force: true, maxRetries: 3})
  }
}

export async function startHttpbin(): Promise<Httpbin> {
  const httpbin = new Httpbin(await freePort())
  try {
    await httpbin.untilListening()
    return httpbin
  } catch (error) {
    await httpbin.close()
    throw error
  }
}
