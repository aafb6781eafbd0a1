import {randomBytes} from 'node:crypto'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync
} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {TransferError, whyUnreadable} from '../../engine/index.ts'
import type {SessionDelegate, Task} from '../../engine/index.ts'

interface Target {
  /** What is written to. */
  readonly path: string
  /** What it becomes in the end; undefined where it is written to directly, being no regular file. */
  readonly finalPath: string | undefined
}

/** The file of -o: written beside, and given its name once the answers are there. One answer comes after another. */
export class AnswerFile {
  readonly #target: Target
  readonly #descriptor: number
  #length = 0
  /** Where the answer of the task that writes began. */
  readonly #starts = new Map<Task, number>()
  #state: 'empty' | 'answered' = 'empty'

  /** Makes it, before anything is sent. Throws WRITE_FAILED. */
  constructor(path: string, folders: 'make' | 'expect') {
    this.#target = writing(path, () => {
      if (folders === 'make') mkdirSync(dirname(path), {recursive: true})
      return targetOf(path)
    })
    const {path: beside, finalPath} = this.#target
    this.#descriptor = writing(path, () => openSync(beside, finalPath === undefined ? 'w' : 'wx', 0o666))
    // A second ^C ends the process at once.
    if (finalPath !== undefined) process.once('exit', () => rmSync(beside, {force: true}))
  }

  readonly delegate: SessionDelegate = {
    didReceiveData: (task, data) => {
      if (!this.#starts.has(task)) this.#starts.set(task, this.#length)
      writing(this.#target.finalPath ?? this.#target.path, () => this.#write(data))
    },
    didCompleteWithError: (task, error) => {
      const start = this.#starts.get(task)
      const isKept =
        task.result?.state === 'completed' ||
        (error?.code === 'HTTP_STATUS' && task.options.httpErrors === 'deliverAndFail')
      if (isKept) this.#state = 'answered'
      else if (start !== undefined) this.#takeBack(start)
      this.#starts.delete(task)
    }
  }

  /** Gives it its name, where there is an answer. Throws WRITE_FAILED. */
  finish(): void {
    closeSync(this.#descriptor)
    const {path, finalPath} = this.#target
    if (finalPath === undefined) return
    if (this.#state === 'answered') writing(finalPath, () => renameSync(path, finalPath))
    else rmSync(path, {force: true})
  }

  // At a position, because what is taken back leaves the descriptor where it was; a device has none.
  #write(data: Uint8Array): void {
    for (let written = 0; written < data.length;) {
      const position = this.#target.finalPath === undefined ? null : this.#length
      const count = writeSync(this.#descriptor, data, written, data.length - written, position)
      written += count
      this.#length += count
    }
  }

  // Half an answer is none. A device keeps what it was given.
  #takeBack(start: number): void {
    if (this.#target.finalPath === undefined) return
    ftruncateSync(this.#descriptor, start)
    this.#length = start
  }
}

function targetOf(path: string): Target {
  const facts = statSync(path, {throwIfNoEntry: false})
  if (facts?.isDirectory()) throw new TransferError('WRITE_FAILED', `${path} is a folder; -o names a file`)
  if (facts && !facts.isFile()) return {path, finalPath: undefined}
  const finalPath = facts ? realpathSync(path) : path
  const name = basename(finalPath).slice(0, 64)
  return {path: join(dirname(finalPath), `.${name}.${randomBytes(6).toString('hex')}.part`), finalPath}
}

function writing<Result>(path: string, write: () => Result): Result {
  try {
    return write()
  } catch (cause) {
    if (cause instanceof TransferError) throw cause
    const {code = ''} = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'its folder is not there' : whyUnreadable(cause)
    const message = `The file ${path} of -o cannot be written: ${why}`
    throw new TransferError(code === 'ENOSPC' ? 'NO_SPACE' : 'WRITE_FAILED', message, {cause})
  }
}
