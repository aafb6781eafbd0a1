import {createHash} from 'node:crypto'
import {closeSync, openSync, readSync} from 'node:fs'
import {parentPort, workerData} from 'node:worker_threads'

/** What the worker shares with the transfer: how far the file is written, and whether that is all. */
export interface DigestOrder {
  readonly path: string
  readonly algorithms: readonly string[]
  /** [0] bytes written, [1] 1 when no more will come. */
  readonly written: BigInt64Array<SharedArrayBuffer>
}

// Follows the file behind its writer: the bytes come from the page cache, the writer never waits.
const order = workerData as DigestOrder
const hashes = order.algorithms.map(algorithm => createHash(algorithm))
const buffer = Buffer.allocUnsafeSlow(1024 * 1024)
const file = openSync(order.path, 'r')
let position = 0
try {
  for (;;) {
    const isLast = Atomics.load(order.written, 1) === 1n
    const available = Number(Atomics.load(order.written, 0))
    while (position < available) {
      const length = readSync(file, buffer, 0, Math.min(buffer.length, available - position), position)
      if (length === 0) throw new Error('the file ended before its announced end')
      for (const hash of hashes) hash.update(buffer.subarray(0, length))
      position += length
    }
    if (isLast) break
    Atomics.wait(order.written, 0, BigInt(available), 200)
  }
} finally {
  closeSync(file)
}
parentPort?.postMessage(hashes.map(hash => hash.digest('hex')))
