/**
 * For vi.waitFor and vi.waitUntil, whose own second is too short for a loaded machine: milliseconds for what comes at once on
 * an idle one. Less than a test has, so that a failure names what did not come.
 */
export const patience = {timeout: 40_000, interval: 2} as const
