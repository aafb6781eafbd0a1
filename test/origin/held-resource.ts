import {onTestFinished} from 'vitest'
import type {Resource} from './resource.ts'

/** A resource whose first answer stops after so many bytes until it is let go; later answers are whole. */
export function heldResource(body: string, bytes: number): Resource & {readonly letGo: () => void} {
  const {promise: until, resolve: letGo} = Promise.withResolvers<void>()
  onTestFinished(() => letGo())
  return {body, entityTag: '"v1"', faults: [{holdAfter: {bytes, until}}], letGo}
}
