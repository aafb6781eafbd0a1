/** Did the HTTP/2 of a connection fail (a stream error, GOAWAY, a broken protocol), and not the connection itself? */
export function isHttp2Failure(error: Error): boolean {
  const {code} = error as NodeJS.ErrnoException
  // A stream that is reset in the middle of a body is told as a body that is too short.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return true
  return code?.startsWith('ERR_HTTP2_') === true || /HTTP\/2|GOAWAY|NGHTTP2/.test(error.message)
}
