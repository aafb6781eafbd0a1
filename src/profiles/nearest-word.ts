/** The known word that a misspelt one most likely meant: at most two letters away, and fewer than half of them. */
export function nearestWord(known: Iterable<string>, given: string): string | undefined {
  let nearest: {readonly word: string; readonly distance: number} | undefined
  for (const word of known) {
    const distance = editDistance(given.toLowerCase(), word.toLowerCase())
    if (distance > 2 || distance * 2 > word.length || distance >= (nearest?.distance ?? Infinity)) continue
    nearest = {word, distance}
  }
  return nearest?.word
}

function editDistance(one: string, other: string): number {
  let row = Array.from({length: other.length + 1}, (_, index) => index)
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < other.length; j++) {
      const replaced = (row[j] ?? 0) + (one[i] === other[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
