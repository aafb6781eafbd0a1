import type {DataTask} from './data-task.ts'
import {DownloadTask} from './download-task.ts'
import type {DownloadOptions} from './download-task.ts'
import {codingsToUndo} from './data/decoding.ts'
import {chooseFileName} from './download/file-name.ts'
import {targetPath} from './download/target.ts'
import type {Answer} from './exchange/follow.ts'
import {makeTaskId} from './task-id.ts'
import type {TaskOutcome} from './task.ts'
import {TransferError} from './transfer-error.ts'
import {headerValue} from './url-request.ts'
import type {URLResponse} from './url-request.ts'

/**
 * Hands an answer whose body still waits over to a new download task, and ends the data task well (R42). Nothing is
 * asked again, and the data task's delegate gets no byte. Throws USAGE where the task has no place for a file.
 */
export function becomeDownload(task: DataTask, answer: Answer): TaskOutcome {
  const {exchange, response} = answer
  if (task.stopSignal.aborted) throw new TransferError('CANCELLED', 'The task was stopped by its delegate')
  const options = downloadOptions(task, response)
  if (!options) {
    exchange.abort()
    throw new TransferError('USAGE', 'The content should become a file, but the task has no place for one', {
      url: response.url,
      method: exchange.request.method
    })
  }
  const download = new DownloadTask(task.session, {
    id: makeTaskId(),
    request: task.originalRequest,
    options,
    answer
  })
  download.currentRequest = task.currentRequest
  download.response = response
  download.hasIntroducedResponse = true
  // Its metrics tell of the whole way to the file, and to stop it is to stop this exchange.
  download.exchanges.push(...task.exchanges)
  download.transactions.push(...task.transactions)
  download.path = expectedPath(download, answer)
  download.countOfBytesExpectedToReceive = options.decode ? undefined : response.expectedContentLength
  task.session.replace(task, download)
  return {state: 'completed', response}
}

function downloadOptions(task: DataTask, response: URLResponse): DownloadOptions | undefined {
  const {download, ...own} = task.options
  if (!download) return undefined
  // What was asked for is on its way: the server was told already which codings it may use.
  return {...own, ...download, decode: codingsToUndo(task, response).length > 0}
}

// For those who are told of the download before it has looked at its folder.
function expectedPath({options, originalRequest}: DownloadTask, {response}: Answer): string {
  const field = headerValue(response.headers, 'content-disposition')
  const contentDisposition = options.remoteHeaderName === false ? undefined : field
  const name = options.fileName ?? chooseFileName({contentDisposition, url: originalRequest.url})
  return targetPath(options.directory, name)
}
