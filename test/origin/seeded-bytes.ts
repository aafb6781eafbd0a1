const BLOCK = 65_536

/** A body that exists only as a rule: any slice of it can be made at any time, so a GiB of it needs no memory. */
export interface SeededBody {
  readonly size: number
  readonly seed: number
}

// Scatters neighbouring seeds over the whole 32-bit space (the finaliser of MurmurHash3); xorshift must not start at 0.
function scatter(value: number): number {
  let mixed = value | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16) || 1
}

function seededBlock(seed: number, block: number): Buffer {
  const words = new Uint32Array(BLOCK / 4)
  let state = scatter(seed * 0x9e3779b1 + scatter(block + 1))
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state
  }
  return Buffer.from(words.buffer)
}

/** `length` bytes of the endless sequence that `seed` names, from `offset` on. The same for ever, on any machine of the same byte order. */
export function seededSlice(seed: number, offset: number, length: number): Buffer {
  const slice = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const position = offset + filled
    const block = seededBlock(seed, Math.floor(position / BLOCK))
    filled += block.copy(slice, filled, position % BLOCK)
  }
  return slice
}

/** The first `size` bytes of the sequence that `seed` names. */
export function seededBytes(size: number, seed: number): Buffer {
  return seededSlice(seed, 0, size)
}

/** A source of seeded fractions from 0 up to (never) 1, for choices that a test must be able to repeat. */
export function seededRandom(seed: number): () => number {
  let state = scatter(seed + 1)
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x1_0000_0000
  }
}
