/** Flags that the contract names and this version does not have yet: giving one stops, none is silently ignored. */
export const unavailableFlags: ReadonlySet<string> = new Set(['--mirror', '--metalink'])
