import {
  closeSync,
  copyFileSync,
  existsSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync
} from 'node:fs'

const headSize = 100
const pageSize = 4096
/** More than an empty journal has: each table's first page is there, with nothing in it where it was cut off. */
const fewestPages = 64

export interface Repair {
  /** The damaged journal, which stays as it is. */
  readonly path: string
  /** One of the same version that is empty and whole. */
  readonly fresh: string
  /** Where the repaired copy goes. */
  readonly copy: string
}

/**
 * Copies a damaged journal, and makes right in the copy what is known of its head: everything but the count of changes and
 * the list of free pages (SQLite's file format, 1.3). Without that, a file that was cut cannot even be begun to be read.
 */
export function copyRepaired({path, fresh, copy}: Repair): void {
  copyFileSync(path, copy)
  const hasLog = existsSync(`${path}-wal`)
  if (hasLog) copyFileSync(`${path}-wal`, `${copy}-wal`)
  const head = headOf(fresh)
  const damaged = headOf(copy)
  damaged.copy(head, 24, 24, 28)
  damaged.copy(head, 32, 32, 40)
  damaged.copy(head, 92, 24, 28)
  head.fill(hasLog ? 2 : 1, 18, 20)
  const pages = Math.max(fewestPages, Math.ceil(statSync(copy).size / pageSize))
  head.writeUInt32BE(pages, 28)
  const file = openSync(copy, 'r+')
  try {
    ftruncateSync(file, pages * pageSize)
    writeSync(file, head, 0, headSize, 0)
  } finally {
    closeSync(file)
  }
}

function headOf(path: string): Buffer {
  const head = Buffer.alloc(headSize)
  const file = openSync(path, 'r')
  try {
    readSync(file, head, 0, headSize, 0)
    return head
  } finally {
    closeSync(file)
  }
}
