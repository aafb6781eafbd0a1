import {appendFileSync, writeFileSync} from 'node:fs'
import type {OutputOptions} from '../../cli/output-options.ts'
import type {SavingRule} from '../../cli/saving-rule.ts'
import {hasReaderLeft, standardOutput} from '../../cli/standard-output.ts'
import type {StandardOutput} from '../../cli/standard-output.ts'
import type {TransferFlags} from '../../cli/transfer-flags.ts'
import {DataTask, headerValue, TransferError, UploadTask} from '../../engine/index.ts'
import type {SessionDelegate, Task, URLResponse} from '../../engine/index.ts'
import {printable} from '../../ui/printable.ts'

/** Hands the bodies of answers to standard output, as fast as its reader takes them; on a terminal in whole lines. */
export function bodyDelegate(output: StandardOutput): SessionDelegate {
  const looked = new WeakSet<Task>()
  const decoder = new TextDecoder()
  let isLineOpen = false
  return {
    didReceiveData: (task, data) => {
      if (!output.isTerminal) return output.write(data)
      if (!looked.has(task) && data.includes(0)) throw binaryRefused(task)
      looked.add(task)
      const text = decoder.decode(data, {stream: true})
      isLineOpen = text === '' ? isLineOpen : !text.endsWith('\n')
      return output.write(text.replace(/[^\n\r\t]+/g, printable))
    },
    didCompleteWithError: task => {
      if (!isLineOpen || !looked.has(task)) return
      isLineOpen = false
      void output.write('\n')
    }
  }
}

/** --download-if and --download-over: makes files of what the rule says, instead of printing it. */
export function savingDelegate(belongsIntoFile: SavingRule): SessionDelegate {
  return {
    didReceiveResponse: (task, response) =>
      task instanceof DataTask && task.options.download && belongsIntoFile(response)
        ? 'becomeDownload'
        : 'allow'
  }
}

function binaryRefused(task: Task): TransferError {
  const isTaken = task instanceof UploadTask && task.response !== undefined && task.response.status < 400
  const what = isTaken ? 'The server has what was sent, but its answer' : 'The content'
  return new TransferError('WRITE_FAILED', `${what} is binary and would garble the terminal`, {
    url: task.currentRequest.url,
    hint: 'Write it to a file with -o FILE, or into a pipe.'
  })
}

/** Where the heads of responses go: files and - for standard output, which --json and --events keep for themselves. */
export function headPlaces(
  flags: Pick<TransferFlags, 'dump-header' | 'show-headers' | 'json' | 'events'>,
  more: readonly string[] = []
): readonly string[] {
  const places = new Set(more)
  if (flags['dump-header'] !== undefined) places.add(flags['dump-header'])
  if (flags['show-headers']) places.add('-')
  if (flags.json || flags.events) places.delete('-')
  return [...places]
}

/** Writes the heads of responses: -D, --show-headers and -I. Each goes out as it arrives, redirections included. */
export function headDelegate(outputs: readonly string[], stdout: StandardOutput): SessionDelegate {
  const begun = new Set<string>()
  return {
    didReceiveHead: (_task, response) => {
      const text = headText(response)
      for (const path of outputs) {
        if (path === '-') void stdout.write(stdout.isTerminal ? text.replace(/[^\n]+/g, printableLine) : text)
        else if (begun.has(path)) append(path, text)
        else {
          begun.add(path)
          create(path, text)
        }
      }
    }
  }
}

// The carriage return at the end of each line is the protocol's, not an attack.
function printableLine(line: string): string {
  return line.endsWith('\r') ? `${printable(line.slice(0, -1))}\r` : printable(line)
}

function headText({status, statusText, headers}: URLResponse): string {
  const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${statusText}`.trimEnd() + `\r\n${fields.join('')}\r\n`
}

function create(path: string, text: string): void {
  written(path, () => writeFileSync(path, text))
}

function append(path: string, text: string): void {
  written(path, () => appendFileSync(path, text))
}

function written(path: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TransferError('WRITE_FAILED', `The file ${path} cannot be written: ${why}`, {cause})
  }
}

/** --etag-save: keeps the tag of what was fetched, for --etag-compare in the next run. */
export function entityTagDelegate(path: string): SessionDelegate {
  return {
    didCompleteWithError: (task, error) => {
      // A data task that became a download has ended well whatever becomes of the file.
      if (task instanceof DataTask && task.download) return
      const entityTag = task.response && headerValue(task.response.headers, 'etag')
      if (error || entityTag === undefined || task.result?.state !== 'completed') return
      create(path, `${entityTag}\n`)
    }
  }
}

/** Standard output of a run; stop is called when nobody reads any more what the run is for. */
export function openStandardOutput(
  format: OutputOptions['format'] | 'data',
  stop: (error: TransferError) => void
): StandardOutput {
  return standardOutput(error => {
    // Paths only tell of files that are there anyway, and whoever has left had enough of the document.
    if (format === 'data' || format === 'events' || (format === 'json' && !hasReaderLeft(error))) stop(error)
  })
}
