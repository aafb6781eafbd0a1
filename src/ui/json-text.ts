// JSON itself escapes only the first 32 characters.
const unprintable = /[\x7F-\x9F\p{Bidi_Control}\p{Zl}\p{Zp}]/gu

/**
 * A value as JSON that a terminal shows as it is: C1, DEL, bidi controls and line separators are escaped, which every reader
 * takes for the same text (security promise P8).
 */
export function jsonText(value: unknown, indentation?: number): string {
  return JSON.stringify(value, undefined, indentation).replace(
    unprintable,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}

/** A value as the document that `--json` prints: JSON for a terminal, indented, with a line feed at the end. */
export function jsonDocument(value: object): string {
  return `${jsonText(value, 2)}\n`
}
