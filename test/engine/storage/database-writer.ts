// A process of its own that adds rows to a store others add to: node database-writer.ts PATH NAME COUNT
import {Database} from '../../../src/engine/storage/database.ts'

const [path = '', name = '', count = '0'] = process.argv.slice(2)
const database = new Database({
  path,
  tables: 'CREATE TABLE IF NOT EXISTS facts (name TEXT NOT NULL, value INTEGER NOT NULL) STRICT',
  report: error => process.stderr.write(`${error.message}\n`)
})
for (let value = 0; value < Number(count); value++) {
  await database.change(open => open.prepare('INSERT INTO facts VALUES (?, ?)').run(name, value))
}
database.close()
