import {hasHeader} from '../engine/index.ts'
import type {HeaderField, SessionDelegate, URLRequest, URLResponse} from '../engine/index.ts'
import {maskHeader, maskUrl} from './mask.ts'
import {printable} from './printable.ts'

/** Shows the heads of requests and responses (`-v`), secrets masked, one line a call. */
export function headsDelegate(write: (line: string) => void): SessionDelegate {
  return {
    didSendHead: (_task, request) => requestHead(request).forEach(write),
    didReceiveHead: (task, response) =>
      responseHead(response).forEach(line => write(task.withoutSecrets(line)))
  }
}

function requestHead(request: URLRequest): readonly string[] {
  const target = maskUrl(request.url.href).replace(/^[a-z]+:\/\/[^/?#]*/i, '')
  const path = target.replace(/#.*$/s, '')
  const host = hasHeader(request.headers, 'host')
  return [
    `> ${request.method} ${printable(path)} HTTP/1.1`,
    ...(host ? [] : [`> host: ${request.url.host}`]),
    ...fieldLines('>', request.headers)
  ]
}

function responseHead(response: URLResponse): readonly string[] {
  return [
    `< HTTP/1.1 ${response.status} ${printable(response.statusText)}`.trimEnd(),
    ...fieldLines('<', response.headers)
  ]
}

function fieldLines(mark: '<' | '>', headers: readonly HeaderField[]): readonly string[] {
  return [
    ...headers.map(([name, value]) => `${mark} ${printable(name)}: ${printable(maskHeader(name, value))}`),
    mark
  ]
}
