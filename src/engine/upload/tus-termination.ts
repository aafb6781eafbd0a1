import {setTimeout as sleep} from 'node:timers/promises'
import {askTus, passOver} from './tus-request.ts'
import type {TusUpload} from './tus-upload.ts'

const tries = 5
// The request before was ended just now, and may hold the upload for another moment.
const lockDelay = 300
const afterStop = {afterStop: 'send'} as const

/** Tells the server to forget a resource, where it offers that (tus 1.0.0, Termination). Never rejects. */
export async function forgetResource(upload: Pick<TusUpload, 'task' | 'offer'>, url: URL): Promise<void> {
  try {
    const {extensions} = await upload.offer(afterStop)
    for (let attempt = 0; extensions.has('termination') && attempt < tries; attempt++) {
      const answer = await askTus(upload.task, {method: 'DELETE', url}, afterStop)
      await passOver(upload.task, answer)
      if (answer.response.status !== 423) return
      await sleep(lockDelay)
    }
  } catch {
    // It expires there by itself; whoever gives an upload up has nobody left to tell.
  }
}
