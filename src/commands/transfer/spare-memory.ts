const many = 100

// By V8's name, what it is meanwhile, and what it is by itself.
type Setting = readonly [name: string, value: number, usual: number]
const shortLived: Setting = ['semi-space-growth-factor', 1, 2]
// In percent of what is in use after a collection; 0 = as V8 likes.
const longLived: Setting = ['heap-growing-percent', 30, 0]

/**
 * Keeps the space for short-lived objects small where many transfers make them: letting it grow costs memory and saves no
 * time. Not for a few, because the part of Node that is asked for it takes longer to load than a small file.
 */
export function spareMemory(taskCount: number): void {
  if (taskCount >= many) apply([shortLived])
}

/** Keeps the whole heap small, for a process that may have thousands of transfers over days. Costs a little time. */
export function spareMemoryForDays(): void {
  apply([shortLived, longLived])
}

function apply(settings: readonly Setting[]): void {
  const {setFlagsFromString} = process.getBuiltinModule('node:v8')
  for (const [name, value] of settings) setFlagsFromString(`--${name}=${value}`)
  // Compiled code is kept for the settings that V8 has in the end, and used by runs that begin with its own.
  process.prependOnceListener('exit', () => {
    for (const [name, , usual] of settings) setFlagsFromString(`--${name}=${usual}`)
  })
}
