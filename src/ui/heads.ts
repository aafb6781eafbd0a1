import {hasHeader, headerValue} from '../engine/index.ts'
import type {HeaderField, SessionDelegate, Task, URLRequest, URLResponse} from '../engine/index.ts'
import {maskHeader} from './mask.ts'
import {printable} from './printable.ts'
import {shownAddress} from './shown-address.ts'
import {isUploadTask} from './task-kind.ts'

// What is shorter can be guessed, or is a word.
const shortestCapability = 16

/** Shows the heads of requests and responses (`-v`), secrets masked, one line a call. */
export function headsDelegate(write: (line: string) => void): SessionDelegate {
  return {
    didSendHead: (task, request) => requestHead(task, request).forEach(write),
    didReceiveHead: (task, response) =>
      responseHead(shownResponse(task, response)).forEach(line => write(task.withoutSecrets(line)))
  }
}

function requestHead(task: Task, request: URLRequest): readonly string[] {
  const target = shownAddress(task, request.url.href).replace(/^[a-z]+:\/\/[^/?#]*/i, '')
  const path = target.replace(/#.*$/s, '')
  const host = hasHeader(request.headers, 'host')
  return [
    `> ${request.method} ${printable(path)} HTTP/1.1`,
    ...(host ? [] : [`> host: ${request.url.host}`]),
    ...fieldLines('>', [...request.headers, ...framing(request)])
  ]
}

// What is written for the content, which is no header of the request's own.
function framing({body}: URLRequest): readonly HeaderField[] {
  if (body === undefined) return []
  return [
    body.length === undefined ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(body.length)]
  ]
}

function responseHead(response: URLResponse): readonly string[] {
  return [
    `< HTTP/1.1 ${response.status} ${printable(response.statusText)}`.trimEnd(),
    ...fieldLines('<', response.headers)
  ]
}

// The head is shown before the address in it has become a secret of the task.
function shownResponse(task: Task, response: URLResponse): URLResponse {
  const {headers} = response
  const isProtocol = hasHeader(headers, 'tus-resumable') || headerValue(headers, 'upload-complete') === '?0'
  if (!isUploadTask(task) || !isProtocol) return response
  const shown = headers.map(([name, value]): HeaderField =>
    name.toLowerCase() === 'location' ? [name, withoutCapability(value)] : [name, value]
  )
  return {...response, headers: shown}
}

// What nobody could guess is the secret: as a rule the last part of the path, but some addresses go on behind it.
function withoutCapability(address: string): string {
  const [, origin = '', path = '', rest = ''] = /^([a-z]+:\/\/[^/?#]*)?([^?#]*)(.*)$/is.exec(address) ?? []
  const parts = path.split('/')
  const last = parts.findLastIndex(part => part !== '')
  const shown = parts.map((part, index) =>
    index === last || part.length >= shortestCapability ? '***' : part
  )
  return `${origin}${shown.join('/')}${rest === '' ? '' : '?***'}`
}

function fieldLines(mark: '<' | '>', headers: readonly HeaderField[]): readonly string[] {
  return [
    ...headers.map(([name, value]) => `${mark} ${printable(name)}: ${printable(maskHeader(name, value))}`),
    mark
  ]
}
