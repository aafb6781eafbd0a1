import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join, posix, sep} from 'node:path'
import {fileURLToPath} from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface Source {
  /** From the project's folder, with slashes. */
  readonly path: string
  readonly text: string
  /** What it imports: paths like `path`, or names of packages and of parts of Node. */
  readonly imports: readonly string[]
}

// Statements, re-exports, type imports and import() alike.
const specifier = /(?:\bfrom\s+|\bimport\s+|\bimport\()'([^']+)'/g

/** All files under src, with what they import. */
export function readSources(): readonly Source[] {
  return readdirSync(join(root, 'src'), {recursive: true, encoding: 'utf8'})
    .filter(name => name.endsWith('.ts'))
    .map(name => {
      const path = `src/${name.split(sep).join('/')}`
      const text = readFileSync(join(root, path), 'utf8')
      return {path, text, imports: importsOf(path, text)}
    })
}

export function importsOf(path: string, text: string): readonly string[] {
  return [...text.matchAll(specifier)].map(([, name = '']) =>
    name.startsWith('.') ? posix.join(posix.dirname(path), name) : name
  )
}
