import {advisoryRows} from './advisory-rows.ts'
import {backgroundRows} from './background-rows.ts'
import type {MarkedTest} from './marks.ts'
import {otherSuites, urlSessionCases} from './reference-cases.ts'
import type {ConformanceRow, ConformanceTable} from './row.ts'
import {configurationRows, sessionRows} from './session-rows.ts'
import {uploadRows} from './upload-rows.ts'

export const tables: readonly ConformanceTable[] = [
  sessionRows,
  configurationRows,
  uploadRows,
  backgroundRows,
  urlSessionCases,
  otherSuites,
  advisoryRows
]

export type RowState = 'proved' | 'outside' | 'open'

export function stateOf(row: ConformanceRow, tests: readonly MarkedTest[]): RowState {
  if (tests.some(({rows}) => rows.includes(row.name))) return 'proved'
  return row.outside === undefined ? 'open' : 'outside'
}

/** docs/conformance.md: each row with its state and the tests that prove it. */
export function conformancePage(tests: readonly MarkedTest[]): string {
  const names = [
    '# Conformance',
    '',
    'What ferry promises row by row, and the tests that prove it. This page is made from the titles of the tests',
    '(`npm run conformance`); a test of the house fails when it is out of date, and every test here runs in CI.',
    '',
    '*proved*: the tests named hold. *outside*: it cannot apply here, for the reason given. *open*: no test yet.',
    '',
    '| table | rows | proved | outside | open |',
    '|---|---|---|---|---|',
    ...tables.map(table => summary(table, tests))
  ]
  return `${[...names, ...tables.flatMap(table => section(table, tests))].join('\n')}\n`
}

function summary({title, rows}: ConformanceTable, tests: readonly MarkedTest[]): string {
  const count = (state: RowState): number => rows.filter(row => stateOf(row, tests) === state).length
  return `| ${title} | ${rows.length} | ${count('proved')} | ${count('outside')} | ${count('open')} |`
}

function section({title, about, rows}: ConformanceTable, tests: readonly MarkedTest[]): readonly string[] {
  const head = [
    '',
    `## ${title}`,
    '',
    about,
    '',
    '| row | what has to hold | state | proved by |',
    '|---|---|---|---|'
  ]
  return [...head, ...rows.map(row => line(row, tests))]
}

function line(row: ConformanceRow, tests: readonly MarkedTest[]): string {
  const state = stateOf(row, tests)
  const proofs = tests.filter(({rows}) => rows.includes(row.name)).map(({path}) => path)
  const files = [...new Set(proofs)].map(path => `\`${path.slice('test/'.length)}\``)
  const reason = state === 'outside' ? (row.outside ?? '') : files.join('<br>')
  return `| ${row.name} | ${row.rule} | ${state} | ${reason} |`
}
