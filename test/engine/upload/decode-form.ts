/** A field as a receiver sees it; names with what browsers escape still escaped. */
export interface DecodedField {
  readonly headers: readonly string[]
  readonly name: string | undefined
  readonly fileName: string | undefined
  readonly content: Buffer
}

/** Takes a form apart by the letter of RFC 2046, 5.1.1; throws where it is not one. Knows nothing of ferry. */
export function decodeForm(body: Buffer, contentType: string | undefined): DecodedField[] {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/.exec(contentType ?? '')
  const delimiter = Buffer.from(`--${boundary?.[1] ?? boundary?.[2] ?? ''}`)
  if (delimiter.length === 2) throw new Error(`No boundary in ${contentType}`)
  if (!body.subarray(0, delimiter.length).equals(delimiter)) throw new Error('No delimiter at the beginning')
  const fields: DecodedField[] = []
  let position = delimiter.length
  while (body.toString('latin1', position, position + 2) === '\r\n') {
    const end = body.indexOf(Buffer.concat([Buffer.from('\r\n'), delimiter]), position)
    if (end < 0) throw new Error('A part without an end')
    fields.push(decodePart(body.subarray(position + 2, end)))
    position = end + 2 + delimiter.length
  }
  if (body.toString('latin1', position) !== '--\r\n') throw new Error('No closing delimiter at the end')
  return fields
}

function decodePart(part: Buffer): DecodedField {
  const blank = part.indexOf('\r\n\r\n')
  if (blank < 0) throw new Error('A part without a blank line')
  const headers = part.toString('utf8', 0, blank).split('\r\n')
  const disposition = headers.find(line => line.startsWith('Content-Disposition: form-data;'))
  return {
    headers,
    name: /; name="([^"]*)"/.exec(disposition ?? '')?.[1],
    fileName: /; filename="([^"]*)"/.exec(disposition ?? '')?.[1],
    content: part.subarray(blank + 4)
  }
}
