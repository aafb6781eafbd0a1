import {defineConfig} from 'vitest/config'

// `servers` needs programs that not every machine has, `kill` needs time: both run by scripts of their own.
export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    // Many tests start programs, and two processors may have much else to do. Nothing waits that long on an idle machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: {poll: {timeout: 40_000}},
    maxWorkers: 2,
    setupFiles: ['test/canary/after-each.ts'],
    coverage: {include: ['src/**']},
    projects: [
      {
        extends: true,
        test: {name: 'main', include: ['test/**/*.test.ts'], exclude: ['test/servers/**', 'test/kill/**']}
      },
      {extends: true, test: {name: 'servers', include: ['test/servers/**/*.test.ts']}},
      {extends: true, test: {name: 'kill', include: ['test/kill/**/*.test.ts'], testTimeout: 300_000}}
    ]
  }
})
