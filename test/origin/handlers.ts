import type {Handler} from './connection.ts'
import type {Fields} from './reply.ts'

/** Answers with the request itself, as JSON: method, target, headers, and the body as text and in base64. */
export const echo: Handler = (request, reply) => {
  const {method, target} = request
  const headers = Object.fromEntries(request.headers)
  const body = {text: request.body.toString(), base64: request.body.toString('base64')}
  const document = JSON.stringify({method, target, headers, body: body.text, base64: body.base64})
  return reply.respond(200, {'content-type': 'application/json'}, document)
}

/** Sends the client elsewhere; more fields (Set-Cookie, say) go along. */
export function redirect(
  status: 301 | 302 | 303 | 307 | 308,
  location: string,
  fields: Fields = {}
): Handler {
  const pairs = Array.isArray(fields) ? fields : Object.entries(fields)
  return (_request, reply) => reply.respond(status, [['location', location], ...pairs])
}

/** A fixed answer with Content-Length. */
export function respond(status: number, fields: Fields = {}, body: Buffer | string = ''): Handler {
  return (_request, reply) => reply.respond(status, fields, body)
}
