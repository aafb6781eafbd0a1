import {onTestFinished} from 'vitest'
import {Session, urlRequest} from '../../../src/engine/index.ts'
import type {
  BodyReading,
  ConfigurationChanges,
  HeaderField,
  RequestBody,
  SessionDelegate,
  UploadSource,
  UploadTask
} from '../../../src/engine/index.ts'
import {openBody} from '../../../src/engine/upload/open-source.ts'
import type {OpenedSource} from '../../../src/engine/upload/open-source.ts'
import {quickConfiguration} from '../recorded-session.ts'

interface Scene {
  readonly configuration?: ConfigurationChanges
  readonly delegate?: SessionDelegate
  readonly headers?: readonly HeaderField[]
}

/** A task that sends the source to nobody: its body is read by the test. */
export function taskSending(source: UploadSource, scene: Scene = {}): UploadTask {
  const session = new Session(quickConfiguration(scene.configuration), scene.delegate)
  onTestFinished(() => session.invalidateAndCancel())
  return session.uploadTask(urlRequest('http://127.0.0.1:9/', {headers: scene.headers ?? []}), {source})
}

/** The source, opened; it lives as long as the test. */
export async function opened(
  source: UploadSource,
  scene: Scene = {}
): Promise<OpenedSource & {readonly task: UploadTask}> {
  const task = taskSending(source, scene)
  const open = await openBody(task)
  onTestFinished(() => open.close())
  return {...open, task}
}

/** Everything that one reading gives, copied. */
export async function bytesOf(body: RequestBody | BodyReading): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of 'open' in body ? body.open() : body) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}

/** Reads until a failure: how many bytes were given away before it. */
export async function bytesBeforeFailure(body: RequestBody): Promise<{bytes: number; error: unknown}> {
  let bytes = 0
  try {
    for await (const piece of body.open()) bytes += piece.length
  } catch (error) {
    return {bytes, error}
  }
  throw new Error(`The body was whole: ${bytes} bytes`)
}
