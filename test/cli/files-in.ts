import {existsSync, readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'

/** Everything below a folder that is readable as a file: its path from there, and its content. No folder: nothing. */
export function filesIn(folder: string): {path: string; content: string}[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .flatMap(path => {
      const content = contentOf(path)
      return content === undefined ? [] : [{path: path.slice(folder.length + 1), content}]
    })
}

// Another process that is still running may have removed it since.
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
