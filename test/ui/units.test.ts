import {describe, expect, it} from 'vitest'
import {RateMeter} from '../../src/ui/rate.ts'
import {formatBytes, formatDuration, formatRate, pace} from '../../src/ui/units.ts'

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 KiB'],
    [1536, '1.5 KiB'],
    [1.5 * 2 ** 20, '1.5 MiB'],
    [99.96 * 2 ** 20, '100 MiB'],
    [999.4 * 2 ** 20, '999 MiB'],
    [1023.9 * 2 ** 20, '1 GiB'],
    [5 * 2 ** 40, '5 TiB'],
    [-1, '0 B']
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})

it('writes a rate as bytes a second', () => {
  expect(formatRate(5.9 * 2 ** 20)).toBe('5.9 MiB/s')
})

it('gives a pace only to what took time', () => {
  expect(pace(2 ** 20, 2000)).toBe('2.0s, 512 KiB/s')
  expect(pace(2 ** 20, 99)).toBe('99 ms')
})

describe('formatDuration', () => {
  it.each([
    [0, '0.0s'],
    [2_140, '2.1s'],
    [9_960, '10s'],
    [59_400, '59s'],
    [59_600, '1m 0s'],
    [90_000, '1m 30s'],
    [3_599_600, '1h 0m'],
    [7_500_000, '2h 5m'],
    [86_399_000, '1d 0h'],
    [277_200_000, '3d 5h']
  ])('writes %d ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
  })
})

describe('RateMeter', () => {
  it('knows no rate before time has passed', () => {
    const meter = new RateMeter(1000)
    meter.add(500, 1000)
    expect(meter.bytesPerSecond).toBeUndefined()
  })

  it('is right from the first sample on, with the bytes that came before the clock moved', () => {
    const meter = new RateMeter(1000)
    meter.add(500, 1000)
    meter.add(500, 2000)
    expect(meter.bytesPerSecond).toBeCloseTo(1000, -2)
  })

  it('stays at a steady rate, whatever the distance of the samples', () => {
    const meter = new RateMeter(0)
    for (const time of [100, 900, 1000, 5000, 30_000]) meter.add(0, time - 1)
    const steady = new RateMeter(0)
    let last = 0
    for (const time of [100, 900, 1000, 5000, 30_000]) {
      steady.add(time - last, time)
      last = time
    }
    expect(steady.bytesPerSecond).toBeCloseTo(1000, 6)
    expect(meter.bytesPerSecond).toBe(0)
  })

  it('falls when nothing arrives and follows a new rate within half a minute', () => {
    const meter = new RateMeter(0)
    for (let time = 250; time <= 20_000; time += 250) meter.add(250, time)
    for (let time = 20_250; time <= 30_000; time += 250) meter.add(0, time)
    expect(meter.bytesPerSecond).toBeLessThan(500)
    for (let time = 30_250; time <= 60_000; time += 250) meter.add(2500, time)
    expect(meter.bytesPerSecond).toBeGreaterThan(9000)
  })
})
