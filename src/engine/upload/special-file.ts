import {constants, createReadStream, open, stat} from 'node:fs'
import {Socket} from 'node:net'
import {promisify} from 'node:util'
import {readFailure} from '../files/read-failure.ts'
import {cannotReadAgain} from './cannot-read-again.ts'
import type {Readings} from './readings.ts'
import {streamPieces} from './stream-source.ts'

const openFile = promisify(open)
const statFile = promisify(stat)

/** A pipe, a device, or a file that the system makes up while it is read: it can be read once. */
export function specialFileReadings(path: string): Readings {
  let wasRead = false
  return {
    read: reason => {
      const open = async (): Promise<AsyncIterable<Uint8Array>> => {
        if (wasRead) throw cannotReadAgain(path, reason)
        wasRead = true
        return openStream(path).catch((error: unknown) => {
          throw readFailure(error, path)
        })
      }
      return streamPieces(open, undefined)
    },
    prepare: async reason => {
      if (wasRead) throw cannotReadAgain(path, reason)
    }
  }
}

async function openStream(path: string): Promise<AsyncIterable<Uint8Array>> {
  const facts = await statFile(path)
  if (!facts.isFIFO()) return createReadStream(path)
  // Opening a pipe waits until somebody writes to it, and so would everything else that needs this thread.
  const file = await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return new Socket({fd: file, readable: true, writable: false})
}
