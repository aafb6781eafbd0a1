import {basename} from 'node:path'

/** The path of a file that belongs to a target and stands in its folder, under a name made of the target's. */
export function beside(target: string, naming: (name: string) => string): string {
  const name = basename(target)
  return target.slice(0, target.length - name.length) + naming(name)
}
