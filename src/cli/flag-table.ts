/** Headings of the help page, in the order in which they appear. */
export const flagGroups = [
  'CONTENT',
  'TARGET',
  'REQUEST',
  'SIGN-IN AND TRUST',
  'TIME AND SPEED',
  'RETRY AND RESUME',
  'SEVERAL TRANSFERS',
  'CHECK',
  'REDIRECTION',
  'DECISION',
  'OUTPUT',
  'SELECTION',
  'SESSION'
] as const

/**
 * One flag, declared once: the parser, oclif's help, the manifest and the documentation test all read this.
 * switch = given or not; value = one word, the last one given wins (as in curl); list = may be repeated.
 */
export interface FlagDeclaration {
  readonly kind: 'switch' | 'value' | 'list'
  readonly group: (typeof flagGroups)[number]
  /** One sentence for the help page. */
  readonly summary: string
  readonly char?: string
  /** What stands for the value in the help, e.g. FILE. */
  readonly placeholder?: string
  readonly choices?: readonly string[]
  /** Flags that this one takes back when it comes later (--http1.1 after --http2). */
  readonly replaces?: readonly string[]
  /** accepted: understood because fingers and scripts say it, although it is the default already. */
  readonly standing?: 'accepted'
}

export type FlagTable = Readonly<Record<string, FlagDeclaration>>

type FlagValue<D extends FlagDeclaration> = D extends {readonly kind: 'switch'}
  ? true
  : D extends {readonly kind: 'list'}
    ? readonly string[]
    : D extends {readonly choices: readonly (infer Choice)[]}
      ? Choice
      : string

/** What was given on the command line; a flag that was not given is absent. */
export type FlagValues<T extends FlagTable> = {readonly [K in keyof T]?: FlagValue<T[K]>}
