import {existsSync, readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'

/** Everything below a folder that is readable as a file: its path from there, and its content. No folder: nothing. */
export function filesIn(folder: string): {path: string; content: string}[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .map(path => ({path: path.slice(folder.length + 1), content: readFileSync(path, 'latin1')}))
}
