import type {FlagTable} from '../flag-table.ts'

export const whereFlags = {
  output: {
    kind: 'list',
    char: 'o',
    group: 'TARGET',
    placeholder: 'FILE',
    summary: 'Write to FILE; - is standard output. Once per URL, in the same order.'
  },
  'output-dir': {
    kind: 'value',
    char: 'P',
    group: 'TARGET',
    placeholder: 'DIR',
    summary: 'Put files into DIR instead of the current folder.'
  },
  'create-dirs': {
    kind: 'switch',
    group: 'TARGET',
    summary: 'Make the folders of the target where they are missing.'
  },
  'if-exists': {
    kind: 'value',
    group: 'TARGET',
    placeholder: 'WHAT',
    choices: ['fail', 'replace', 'rename', 'skip', 'verify'],
    summary:
      'What to do when the target exists: fail, replace, rename, skip or verify. Default: replace for -o, fail for a name that came from the URL or the server.'
  },
  'remote-time': {
    kind: 'switch',
    char: 'R',
    group: 'TARGET',
    summary: "Give the file the server's modification time."
  },
  'no-remote-header-name': {
    kind: 'switch',
    group: 'TARGET',
    summary: 'Take the name from the URL only, never from Content-Disposition.'
  },
  'remote-name': {
    kind: 'switch',
    char: 'O',
    group: 'TARGET',
    standing: 'accepted',
    summary: 'Accepted: the name comes from the server or the URL by default.'
  },
  'remote-header-name': {
    kind: 'switch',
    char: 'J',
    group: 'TARGET',
    standing: 'accepted',
    replaces: ['no-remote-header-name'],
    summary: 'Accepted: Content-Disposition is honoured by default.'
  }
} as const satisfies FlagTable
