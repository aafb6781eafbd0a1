import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

const root = join(import.meta.dirname, '../..')

/** A test by its title, and the rows that it says it proves. */
export interface MarkedTest {
  readonly path: string
  readonly title: string
  readonly rows: readonly string[]
}

/** Every title below test/ that ends with rows in brackets, as in "... [R33, 3A 66]". */
export function markedTests(): readonly MarkedTest[] {
  return globSync('test/**/*.test.ts', {cwd: root})
    .toSorted()
    .flatMap(path => marksIn(path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')))
}

const literal = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g
const marked = /^(.*\S) \[([^[\]]+)\](?:: %[sdij])?$/s

// A case of a table whose title has room for it: 'CVE 22' beside a title with [%s], or 'CVE 22: what it is about'.
const named = /^((?:R|P|U|B|3[A-F] |CVE )\d+(?:, [\w ]+)*)(?:: .+)?$/
const hasRoom = /%s|\[\$\{/

export function marksIn(path: string, text: string): readonly MarkedTest[] {
  const isTable = hasRoom.test(text)
  return [...text.matchAll(literal)].flatMap(([quoted]) => {
    const content = quoted.slice(1, -1)
    const [, title = '', marks = isTable ? named.exec(content)?.[1] : ''] = marked.exec(content) ?? []
    const rows = rowsIn(marks ?? '')
    return rows.length === 0 ? [] : [{path, title: title.replaceAll('\\', ''), rows}]
  })
}

/** "R1, 3A 66, 68" names three rows: a number alone belongs to the family before it. */
function rowsIn(marks: string): readonly string[] {
  let family = ''
  return marks.split(/[,/]/).flatMap(mark => {
    const [, named = '', number = ''] =
      /^\s*(R|P|U|B|3[A-F] |CVE |[A-Za-z][\w.]* ?)?(\d+)\s*$/.exec(mark) ?? []
    if (named) family = named
    return number && /^(?:R|P|U|B|3[A-F] |CVE )$/.test(family) ? [`${family}${Number(number)}`] : []
  })
}
