import {readFileSync, readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {watchText} from './canary.ts'

// What the program keeps of itself, by name or by folder; all else in a folder of a test was put there by the test.
const kept =
  /\.ferry~?$|\.sqlite(?:-\w+)?$|(?:^|[/\\])sessions\.json|(?:^|[/\\])(?:state|config|run|tasks|ended)[/\\]/
// Content of caches is content; more than this is no store of a test.
const largest = 4 * 1024 * 1024

/** Notes secrets in what ferry, or an engine, has left anywhere in a folder. */
export function watchFolder(folder: string): void {
  for (const name of readdirSync(folder, {recursive: true, encoding: 'utf8'})) {
    if (kept.test(name)) watchFile(join(folder, name), name)
  }
}

function watchFile(path: string, name: string): void {
  try {
    const facts = statSync(path)
    if (facts.isFile() && facts.size <= largest) watchText(readFileSync(path, 'latin1'), name)
  } catch {
    // Removed meanwhile, or made unreadable by its test: nobody else reads it either.
  }
}
