const reference = /^env:(.+)$/s

/** The environment of a hook: that of the user, without the variables that a flag named as the place of a secret. */
export function hookEnvironment(
  environment: NodeJS.ProcessEnv,
  flags: Readonly<Record<string, unknown>>
): NodeJS.ProcessEnv {
  const secrets = new Set(
    Object.values(flags)
      .flat()
      .flatMap(value => (typeof value === 'string' ? (reference.exec(value)?.[1] ?? []) : []))
  )
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !secrets.has(name)))
}
