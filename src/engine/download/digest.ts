import {createHash} from 'node:crypto'
import {open} from 'node:fs/promises'
import {Worker} from 'node:worker_threads'
import type {DigestOrder} from './digest-worker.ts'

/** Hashes a file that is still being written, in a thread of its own. */
export class FollowingDigest {
  readonly #written = new BigInt64Array(new SharedArrayBuffer(16))
  readonly #worker: Worker
  readonly #result: Promise<readonly string[]>

  constructor(path: string, algorithms: readonly string[]) {
    const order: DigestOrder = {path, algorithms, written: this.#written}
    const file = import.meta.url.endsWith('.ts') ? './digest-worker.ts' : './digest-worker.js'
    this.#worker = new Worker(new URL(file, import.meta.url), {workerData: order})
    this.#result = new Promise((resolve, reject) => {
      this.#worker.once('message', resolve)
      this.#worker.once('error', reject)
      this.#worker.once('exit', () => reject(new Error('The hashing thread ended early')))
    })
    this.#result.catch(() => {})
  }

  /** The file is whole up to here. */
  advance(written: number): void {
    Atomics.store(this.#written, 0, BigInt(written))
    Atomics.notify(this.#written, 0)
  }

  /** No more will come: the hexadecimal digests, in the order of the algorithms. */
  async finish(): Promise<readonly string[]> {
    Atomics.store(this.#written, 1, 1n)
    Atomics.notify(this.#written, 0)
    return this.#result
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** Hashes a file that is whole; right for files too short to deserve a thread. */
export async function digestFile(path: string, algorithms: readonly string[]): Promise<readonly string[]> {
  const hashes = algorithms.map(algorithm => createHash(algorithm))
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(256 * 1024)
    for (;;) {
      const {bytesRead} = await file.read(buffer, 0, buffer.length)
      if (bytesRead === 0) break
      for (const hash of hashes) hash.update(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
  return hashes.map(hash => hash.digest('hex'))
}
