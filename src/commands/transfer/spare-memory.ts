const many = 100

/**
 * Keeps the space for short-lived objects small where many transfers make them: letting it grow costs memory and saves no
 * time. Not for a few, because the part of Node that is asked for it takes longer to load than a small file.
 */
export function spareMemory(taskCount: number): void {
  if (taskCount < many) return
  const {setFlagsFromString} = process.getBuiltinModule('node:v8')
  setFlagsFromString('--semi-space-growth-factor=1')
  // Compiled code is kept for the settings that V8 has in the end, and used by runs that begin with its own.
  process.prependOnceListener('exit', () => setFlagsFromString('--semi-space-growth-factor=2'))
}
