// Writes docs/conformance.md from the titles of the tests.
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {markedTests} from '../test/conformance/marks.ts'
import {conformancePage} from '../test/conformance/page.ts'

const file = path.join(path.dirname(import.meta.dirname), 'docs', 'conformance.md')
await writeFile(file, conformancePage(markedTests()))
