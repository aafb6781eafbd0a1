import type {HeaderField} from '../../src/engine/index.ts'

/** So many headers that say nothing. */
export function manyHeaders(count: number): readonly HeaderField[] {
  return Array.from({length: count}, (_, index) => [`X-${index}`, 'value'] as const)
}

/** A query that makes an address so many characters long. */
export function queryFor(address: string, length: number): string {
  return `?${'q'.repeat(length - address.length - 1)}`
}

/** What a person may give a transfer that resume data cannot hold, by what it is. */
export const tooLong = {
  address: {query: `?${'q'.repeat(8192)}`},
  headers: {headers: manyHeaders(101)},
  'value of a header': {headers: [['Accept', 'x'.repeat(8193)] as const]},
  label: {label: 'x'.repeat(8193)},
  whole: {headers: manyHeaders(40).map(([name]) => [`Accept-${name}`, 'x'.repeat(8000)] as const)}
}
