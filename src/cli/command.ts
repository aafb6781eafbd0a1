import type {FlagTable} from './flag-table.ts'

/** A word of a command line that is not a flag. */
export interface OperandDeclaration {
  readonly name: string
  readonly summary: string
  readonly count: 'one' | 'atMostOne' | 'many'
}

/**
 * One command, declared without oclif: oclif's classes, the manifest and the help are derived from it, and a command
 * that has to start quickly can run without them.
 */
export interface CommandDeclaration {
  readonly id: string
  readonly summary: string
  readonly description: string
  /** None where the command takes flags only. */
  readonly operand?: OperandDeclaration
  /** The last word, where that means something else than those before. */
  readonly target?: Omit<OperandDeclaration, 'count'>
  readonly examples: readonly {readonly description: string; readonly command: string}[]
  readonly flags: FlagTable
  /** Not for people: left out of the help. */
  readonly hidden?: true
  /** Does the command and reports what came of it. Resolves to the exit code, or to help when that was asked for. */
  run(argv: readonly string[]): Promise<number | 'help'>
}
