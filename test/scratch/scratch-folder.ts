import {mkdtempSync, realpathSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {watchFolder} from '../canary/watch-folder.ts'

/** An empty folder that lives as long as the test that asks for it (call it inside a test or a beforeEach). */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ferry-test-'))
  onTestFinished(() => {
    watchFolder(folder)
    rmSync(folder, {recursive: true, force: true, maxRetries: 3})
  })
  return folder
}
