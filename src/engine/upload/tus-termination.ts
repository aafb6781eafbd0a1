import {setTimeout as sleep} from 'node:timers/promises'
import {patienceWithServer} from './patience-with-server.ts'
import {ShortWatch} from './short-watch.ts'
import {askTus, passOver} from './tus-request.ts'
import type {TusUpload} from './tus-upload.ts'

const tries = 5
// The request before was ended just now, and may hold the upload for another moment.
const lockDelay = 300

/** Tells the server to forget a resource, where it offers that (tus 1.0.0, Termination). Never rejects. */
export async function forgetResource(upload: Pick<TusUpload, 'task' | 'offer'>, url: URL): Promise<void> {
  const watch = new ShortWatch(patienceWithServer)
  const sending = {watch: watch.begin, afterStop: 'send'} as const
  try {
    const {extensions} = await upload.offer(sending)
    for (let attempt = 0; extensions.has('termination') && attempt < tries; attempt++) {
      const answer = await askTus(upload.task, {method: 'DELETE', url}, sending)
      await passOver(upload.task, answer)
      if (answer.response.status !== 423) return
      await sleep(lockDelay)
    }
  } catch {
    // It expires there by itself; whoever gives an upload up has nobody left to tell.
  }
}
