const unprintable = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu

const familiar: ReadonlyMap<string, string> = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\u001b', '^[']
])

/**
 * Text from the network or from a file, made safe for one line of a terminal or a log: control characters (C0, DEL, C1), line
 * separators, bidi controls and lone surrogates become visible escapes. Nothing else changes (security promise P8).
 */
export function printable(text: string): string {
  return text.replace(unprintable, escapeCharacter)
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0).toString(16)
  return familiar.get(character) ?? (code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`)
}
