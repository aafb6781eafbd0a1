import {describe, expect, it} from 'vitest'
import {importsOf, readSources} from './sources.ts'

const door = 'src/engine/index.ts'

/** Where a file of a floor may look beside its own floor; the first matching beginning decides. */
const floors: readonly (readonly [floor: string, allowed: readonly string[]])[] = [
  ['src/engine/fields/', []],
  ['src/engine/', ['src/engine/']],
  ['src/cli/', [door, 'src/profiles/']],
  ['src/ui/', [door]],
  ['src/profiles/', [door]],
  ['src/control/', [door]],
  ['src/commands/', [door, 'src/cli/', 'src/ui/', 'src/profiles/', 'src/control/']],
  ['src/main.ts', ['src/commands/', 'src/cli/']]
]

function trespass(path: string, imported: string): string | undefined {
  const [floor, allowed] = floors.find(([start]) => path.startsWith(start)) ?? ['', []]
  const isOutside = !imported.startsWith('src/')
  if (isOutside) return floor === 'src/engine/fields/' ? `${path} imports ${imported}` : undefined
  return [floor, ...allowed].some(start => imported.startsWith(start))
    ? undefined
    : `${path} imports ${imported}`
}

describe('The floors of the house', () => {
  const sources = readSources()

  it('are entered downwards only, the engine by its one door', () => {
    const trespasses = sources.flatMap(({path, imports}) => imports.map(name => trespass(path, name)))
    expect(trespasses.filter(each => each !== undefined)).toEqual([])
    expect(sources.length).toBeGreaterThan(50)
  })

  it('keep the leaves of the engine free of everything, Node included', () => {
    expect(trespass('src/engine/fields/range.ts', 'node:fs')).toBeDefined()
    expect(trespass('src/engine/fields/range.ts', 'src/engine/task.ts')).toBeDefined()
    expect(trespass('src/engine/fields/range.ts', 'src/engine/fields/http-date.ts')).toBeUndefined()
  })

  it('let nobody look sideways or upwards', () => {
    expect(trespass('src/cli/advice.ts', 'src/ui/paint.ts')).toBeDefined()
    expect(trespass('src/ui/paint.ts', 'src/engine/session.ts')).toBeDefined()
    expect(trespass('src/engine/task.ts', 'src/cli/advice.ts')).toBeDefined()
  })

  it('have rooms in the engine for each kind of task, over those for what they share', () => {
    const rooms = {
      download: /^src\/engine\/upload\//,
      upload: /^src\/engine\/download\//,
      data: /^src\/engine\/(?:download|upload)\//,
      exchange: /^src\/engine\/(?:data|download|upload)\//,
      storage: /^src\/engine\/(?:data|download|upload)\//,
      files: /^src\/engine\/(?!files\/|transfer-error\.ts$)/
    }
    const found = Object.entries(rooms).flatMap(([room, forbidden]) =>
      sources
        .filter(({path}) => path.startsWith(`src/engine/${room}/`))
        .flatMap(({path, imports}) => imports.filter(name => forbidden.test(name)).map(name => [path, name]))
    )
    expect(found).toEqual([])
  })

  it('have rooms for the background that know its contracts and not each other, but for the daemon, which opens them', () => {
    const background = 'src/control/background/'
    const rooms = ['journal', 'dispatcher', 'protocol', 'installation']
    const found = rooms.flatMap(room =>
      sources
        .filter(({path}) => path.startsWith(`${background}${room}/`))
        .flatMap(({path, imports}) => imports.map(name => [path, name] as const))
        .filter(([, name]) => name.startsWith(background) && name.slice(background.length).includes('/'))
        .filter(([, name]) => !name.startsWith(`${background}${room}/`))
    )
    expect(found).toEqual([])
    expect(sources.filter(({path}) => path.startsWith(background)).length).toBeGreaterThan(50)
  })

  it('see every kind of import', () => {
    const text =
      "import a from './a.ts'\nexport {b} from '../b.ts'\nconst c = await import('./c.ts')\nimport 'node:fs'"
    expect(importsOf('src/cli/x.ts', text)).toEqual(['src/cli/a.ts', 'src/b.ts', 'src/cli/c.ts', 'node:fs'])
  })

  it('keep the engine silent: it prints nothing, reads no environment and never exits', () => {
    const loud = /\bconsole\.|\bprocess\.(?:env|exit|exitCode|argv|stdin|stdout|stderr)\b/
    const found = sources.filter(({path, text}) => path.startsWith('src/engine/') && loud.test(text))
    expect(found.map(({path}) => path)).toEqual([])
  })

  it('have no room for what belongs nowhere', () => {
    const rooms = /(?:^|\/)(?:utils?|helpers?|common|shared|core|manager|service)(?:\/|\.ts$)/
    expect(sources.map(({path}) => path).filter(path => rooms.test(path))).toEqual([])
  })

  it('have files that fit on a few screens', () => {
    const long = sources.filter(({text}) => text.split('\n').length > 251)
    expect(long.map(({path}) => path)).toEqual([])
  })
})
