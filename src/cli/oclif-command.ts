import {Args, Command, Flags} from '@oclif/core'
import type {CommandDeclaration} from './command.ts'
import {flagGroups} from './flag-table.ts'
import type {FlagDeclaration, FlagTable} from './flag-table.ts'

type OclifFlags = NonNullable<Command.Class['flags']>
type OclifFlag = OclifFlags[string]

/** The declaration as the class that oclif lists, documents and runs. The words themselves are read by read-words. */
export function oclifCommand(declaration: CommandDeclaration): Command.Class {
  return class extends Command {
    static override id = declaration.id
    static override hidden = declaration.hidden ?? false
    static override summary = declaration.summary
    static override description = declaration.description
    static override examples = declaration.examples.map(({description, command}) => ({description, command}))
    static override args = oclifArguments(declaration)
    static override flags = oclifFlags(declaration.flags)
    // The last argument of a command that is not strict is shown as if it could be repeated.
    static override strict = declaration.target !== undefined
    static override usage = usageOf(declaration)

    override async run(): Promise<void> {
      // The declaration reads the words; without this oclif warns that nobody did.
      this.parsed = true
      const code = await declaration.run(this.argv)
      process.exitCode = typeof code === 'number' ? code : 0
    }
  }
}

function usageOf({id, operand, target}: CommandDeclaration): string {
  const {name = '', count} = operand ?? {}
  const words = {one: name, atMostOne: `[${name}]`, many: `${name}...`}
  const operands = [...(count === undefined ? [] : [words[count]]), ...(target ? [target.name] : [])]
  return [...id.split(':'), ...operands, '[FLAGS]'].join(' ')
}

function oclifArguments({operand, target}: CommandDeclaration): Command.Class['args'] {
  if (!operand) return {}
  const {name, summary, count} = operand
  const options = {name, description: summary, required: false, ignoreStdin: true} as const
  return {
    [name]: count === 'many' ? Args.string({...options, multiple: true}) : Args.string(options),
    ...(target && {[target.name]: Args.string({...options, description: target.summary})})
  }
}

/** oclif's flags of a table, in the order of the groups; what is only accepted stays out of the help. */
export function oclifFlags(table: FlagTable): OclifFlags {
  const entries = flagGroups.flatMap(group =>
    letterFirst(Object.entries(table).filter(([, declaration]) => declaration.group === group))
  )
  return Object.fromEntries(entries.map(([name, declaration]) => [name, oclifFlag(declaration)]))
}

type FlagEntry = readonly [string, FlagDeclaration]

// oclif takes the blanks away that stand for a missing letter at the beginning of a group, and with them the column.
function letterFirst(group: readonly FlagEntry[]): readonly FlagEntry[] {
  const shown = group.filter(([, {standing}]) => standing !== 'accepted')
  const first = shown.find(([, {char}]) => char !== undefined)
  return first ? [first, ...group.filter(entry => entry !== first)] : group
}

function oclifFlag(declaration: FlagDeclaration): OclifFlag {
  const {kind, group, summary, char, placeholder, choices, standing} = declaration
  const options = {
    summary,
    helpGroup: group,
    hidden: standing === 'accepted',
    // oclif's type knows letters only; at run time any character does.
    ...(char === undefined ? {} : {char: char as 'a'})
  }
  if (kind === 'switch') return Flags.boolean(options)
  const value = {
    ...options,
    ...(placeholder === undefined ? {} : {helpValue: placeholder}),
    ...(choices === undefined ? {} : {options: [...choices]})
  }
  return kind === 'list'
    ? Flags.string({...value, multiple: true, multipleNonGreedy: true})
    : Flags.string(value)
}
