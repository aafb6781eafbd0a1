import type {SQLOutputValue} from 'node:sqlite'
import {crc32} from 'node:zlib'

/** A row as SQLite gives it; what does not fit a number comes as a bigint where that was asked for. */
export type Row = Readonly<Record<string, SQLOutputValue>>

/** Of the values of a row, in the order of its columns. */
export function sumOf(values: readonly unknown[]): number {
  return crc32(values.map(String).join('\0'))
}

/** Is the row as it was written? A bit that the disk has turned could send a transfer to another host. */
export function isWhole({sequence: _order, sum, ...values}: Row): boolean {
  return Number(sum) === sumOf(Object.values(values))
}
