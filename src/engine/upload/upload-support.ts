import type {UploadSupport} from '../storage/upload-support-store.ts'
import type {UploadTask} from '../upload-task.ts'
import {creationAddress} from './creation-address.ts'

export type {UploadSupport} from '../storage/upload-support-store.ts'

// Bytes from which on a question costs less than what it may save.
const worthAsking = 1024 * 1024

/**
 * How the server of an upload lets it be continued: what the session knows, or what the server says when it is asked
 * about a file that is worth a request of its own. Undefined: nobody knows.
 */
export async function findUploadSupport(task: UploadTask, size: number): Promise<UploadSupport | undefined> {
  const known = await rememberedUploadSupport(task)
  const isQuestion = known ? forbids(known, size) : size >= worthAsking
  return isQuestion ? ask(task) : known
}

/** What the session knows of the server. It is asked only where a limit of before would forbid a file of this size. */
export async function knownUploadSupport(task: UploadTask, size: number): Promise<UploadSupport | undefined> {
  const known = await rememberedUploadSupport(task)
  return known && forbids(known, size) ? ask(task) : known
}

/** What the session knows of the server, as far as it is no obstacle to an upload that has begun. */
export async function supportOfBegun(task: UploadTask, size: number): Promise<UploadSupport | undefined> {
  const known = await rememberedUploadSupport(task)
  return known && forbids(known, size) ? undefined : known
}

// Limits are raised; tus asks about its own when it creates an upload.
function forbids(support: UploadSupport, size: number): boolean {
  return support.protocol === 'ietf' && size > (support.limit.maxSize ?? size)
}

async function ask(task: UploadTask): Promise<UploadSupport | undefined> {
  const {askUploadSupport} = await import('./ask-upload-support.ts')
  const support = await askUploadSupport(task, creationAddress(task))
  if (support) noteUploadSupport(task, support)
  return support
}

function rememberedUploadSupport(task: UploadTask): Promise<UploadSupport | undefined> {
  return task.session.stores.uploadSupport.find(creationAddress(task))
}

/** Keeps what an upload has taught about its server, for the next one. */
export function noteUploadSupport(task: UploadTask, support: UploadSupport): void {
  task.session.stores.uploadSupport.note(creationAddress(task), support)
}

/** What was known of the server has proved wrong. */
export function forgetUploadSupport(task: UploadTask): void {
  task.session.stores.uploadSupport.forget(creationAddress(task))
}
