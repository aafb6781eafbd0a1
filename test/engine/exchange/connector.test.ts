import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {urlRequest} from '../../../src/engine/index.ts'
import type {SessionDelegate} from '../../../src/engine/index.ts'
import {startOrigin} from '../../origin/origin.ts'
import type {Origin} from '../../origin/origin.ts'
import {seededBytes, seededRandom} from '../../origin/seeded-bytes.ts'
import {scratchFolder} from '../../scratch/scratch-folder.ts'
import {quickConfiguration, RecordedSession, recordedSession} from '../recorded-session.ts'

const bufferSize = 512 * 1024
const divertFrom = 1024 * 1024

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A delegate that holds some pieces back for a moment, by the seed. */
function hesitant(seed: number, share: number): SessionDelegate {
  const random = seededRandom(seed)
  return {
    didReceiveData: () =>
      random() < share ? new Promise(resolve => setTimeout(resolve, random() * 3)) : undefined
  }
}

interface Run {
  readonly secure: boolean
  /** Largest write of the server; 0: whole writes. */
  readonly split: number
  readonly sizes: readonly number[]
  readonly framing: 'length' | 'chunked'
  readonly connections: number
  readonly pauses: number
  readonly seed: number
}

/** Fetches all bodies at once, and fails unless each arrives as it was sent. */
async function transfer(run: Run): Promise<Origin> {
  await using origin = await startOrigin({seed: run.seed, ...(run.secure ? {tls: 'good'} : {})})
  origin.split = run.split
  const bodies = run.sizes.map((size, index) => seededBytes(size, run.seed + index))
  for (const [index, body] of bodies.entries()) origin.serve(`/${index}`, {body, framing: run.framing})
  const configuration = quickConfiguration({maxConnectionsPerHost: run.connections, maxParallelTasks: 8})
  const recorded = new RecordedSession(configuration, hesitant(run.seed, run.pauses))
  try {
    const results = await Promise.all(bodies.map((_, index) => recorded.get(origin.url(`/${index}`))))
    expect(results.map(({outcome}) => outcome.error?.message)).toEqual(bodies.map(() => undefined))
    expect(results.map(({body}) => digest(body))).toEqual(bodies.map(digest))
    expect(results.map(({task}) => task.countOfBytesReceived)).toEqual([...run.sizes])
    return origin
  } finally {
    await recorded.session.invalidateAndCancel()
  }
}

const sizes = fc.oneof(
  fc.nat({max: 3000}),
  fc.integer({min: bufferSize - 2, max: bufferSize + 2}),
  fc.integer({min: divertFrom - 2, max: divertFrom + 2})
)

describe('the bytes that a connection delivers', () => {
  it('are the bytes that were sent, however they come and are held up [design: Speed]', async () => {
    const runs = fc.record({
      secure: fc.boolean(),
      // Small writes of large bodies take long and prove nothing more.
      split: fc.constantFrom(0, 20_000, 70_000),
      sizes: fc.array(sizes, {minLength: 1, maxLength: 4}),
      framing: fc.constantFrom('length' as const, 'chunked' as const),
      connections: fc.constantFrom(1, 2, 4),
      pauses: fc.constantFrom(0, 0.02, 0.3),
      seed: fc.nat({max: 1_000_000})
    })
    await fc.assert(
      fc.asyncProperty(runs, async run => {
        await transfer(run)
      }),
      {numRuns: 30}
    )
  }, 120_000)

  it('are those of each answer when heads, chunks and bodies are cut into writes of few bytes', async () => {
    const runs = fc.record({
      secure: fc.boolean(),
      split: fc.integer({min: 1, max: 40}),
      sizes: fc.array(fc.nat({max: 400}), {minLength: 1, maxLength: 3}),
      framing: fc.constantFrom('length' as const, 'chunked' as const),
      connections: fc.constantFrom(1, 2),
      pauses: fc.constantFrom(0, 0.2),
      seed: fc.nat({max: 1_000_000})
    })
    await fc.assert(
      fc.asyncProperty(runs, async run => {
        await transfer(run)
      }),
      {numRuns: 30}
    )
  }, 120_000)

  it.each([
    [false, 0],
    [false, 1],
    [false, -1],
    [true, 0],
    [true, 1],
    [true, -1]
  ])(
    'are whole on both sides of the length from which the parser is left out (TLS: %s, %i)',
    async (secure, more) => {
      const run = {split: 0, framing: 'length', connections: 1, pauses: 0.1, seed: 11} as const
      await transfer({
        ...run,
        secure,
        sizes: [divertFrom + more, bufferSize + more, 2 * divertFrom + more, 5]
      })
    }
  )

  it('are those of the final head when an interim one ends in the middle of a write', async () => {
    await using origin = await startOrigin()
    const head = 'HTTP/1.1 200 OK\r\nX-Long-Name: value\r\nContent-Length: 9\r\n\r\nsome text'
    const pieces = ['HTTP/1.1 103 Early Hints\r\nLi', `nk: </a>\r\n\r\n${head.slice(0, 30)}`, head.slice(30)]
    origin.on('/', async (_request, reply) => {
      for (const piece of pieces) {
        await reply.raw(piece)
        await new Promise(resolve => setTimeout(resolve, 10))
      }
      await reply.fin()
    })
    const {outcome, body} = await recordedSession().get(origin.url('/'))
    expect(outcome.response?.headers).toEqual([
      ['x-long-name', 'value'],
      ['content-length', '9']
    ])
    expect(body.toString()).toBe('some text')
  })

  it('are not mixed up between connections that share one buffer', async () => {
    const origin = await transfer({
      secure: false,
      split: 3000,
      sizes: [400_000, 300_000, 1_500_000, 200_000, 1_100_000, 100_000],
      framing: 'length',
      connections: 6,
      pauses: 0.05,
      seed: 5
    })
    expect(origin.peakConnections).toBeGreaterThan(1)
  })

  it('are right for hundreds of answers on one connection', async () => {
    const random = seededRandom(3)
    const many = Array.from({length: 200}, () => Math.floor(random() * 30_000))
    const run = {split: 9000, framing: 'chunked', connections: 1, pauses: 0.01, seed: 9} as const
    expect((await transfer({...run, secure: false, sizes: many})).connections).toBe(1)
    expect((await transfer({...run, secure: true, sizes: many.slice(0, 50)})).connections).toBe(1)
  })

  it.each([300_000, 1_200_000])('are whole under a rate limit that is kept to (%i bytes)', async size => {
    await using origin = await startOrigin()
    const body = seededBytes(size, 2)
    origin.serve('/', {body})
    const recorded = recordedSession({limits: {rate: size * 4}})
    const started = performance.now()
    const received = await recorded.get(origin.url('/'))
    expect(digest(received.body)).toBe(digest(body))
    expect(performance.now() - started).toBeGreaterThan(125)
  })

  it('arrive in the file as they were sent, diverted or not', async () => {
    await using origin = await startOrigin({tls: 'good'})
    origin.split = 50_000
    const {session} = recordedSession()
    const directory = scratchFolder()
    for (const size of [0, 1, bufferSize, divertFrom, 3_000_001]) {
      const body = seededBytes(size, size)
      origin.serve(`/${size}`, {body})
      const task = session.downloadTask(urlRequest(origin.url(`/${size}`)), {directory, flush: 'never'})
      task.resume()
      const {path, error} = await task.outcome
      expect(error).toBeUndefined()
      expect(digest(readFileSync(path ?? ''))).toBe(digest(body))
    }
  })
})

describe('a transfer that is stopped in the middle', () => {
  it.each([
    ['length', 300_000],
    ['chunked', 300_000],
    ['length', 3_000_000]
  ] as const)('delivers no byte after it, and disturbs no other (%s, %i)', async (framing, size) => {
    await using origin = await startOrigin()
    const body = seededBytes(size, 1)
    origin.serve('/', {body, framing})
    const recorded = recordedSession(
      {},
      {
        didReceiveData: task => {
          if (task.options.label === 'stopped' && task.countOfBytesReceived > size / 3) task.cancel()
        }
      }
    )
    const [stopped, whole] = await Promise.all([
      recorded.get(origin.url('/'), {label: 'stopped'}),
      recorded.get(origin.url('/'))
    ])
    expect(stopped?.outcome.state).toBe('cancelled')
    const {length} = stopped?.body ?? {length: 0}
    expect(length).toBeLessThan(size)
    expect(stopped?.body.equals(body.subarray(0, length))).toBe(true)
    expect(digest(whole?.body ?? new Uint8Array())).toBe(digest(body))
    expect(digest((await recorded.get(origin.url('/'))).body)).toBe(digest(body))
    expect(recorded.body(stopped.task).length).toBe(length)
  })

  it('while the delegate holds it back ends without waiting for the delegate', async () => {
    await using origin = await startOrigin()
    origin.serve('/', {body: seededBytes(2_000_000, 1)})
    const recorded = recordedSession(
      {},
      {
        didReceiveData: task => {
          setTimeout(() => task.cancel(), 10)
          return new Promise(() => {})
        }
      }
    )
    expect((await recorded.get(origin.url('/'))).outcome.state).toBe('cancelled')
    await origin.untilIdle()
  })
})
