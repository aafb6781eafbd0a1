/** Lets go of what was heard and is on disk now; what came meanwhile, also about the same, is yet to be written. */
export function forgetWritten<Fact>(
  heard: Map<string, Fact>,
  written: readonly (readonly [name: string, fact: Fact])[]
): void {
  for (const [name, fact] of written) if (heard.get(name) === fact) heard.delete(name)
}
