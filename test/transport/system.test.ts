import { describe, expect, it } from '@jest/globals'
import { systemClock, systemEntropy } from '../../src/transport/index.js'

describe('systemClock', () => {
  it('tells the wall time and a time that does not go back', () => {
    expect(Math.abs(systemClock.wall() - Date.now())).toBeLessThan(1_000)
    const times = Array.from({ length: 1_000 }, () => systemClock.monotonic())
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })
})

describe('systemEntropy', () => {
  it('gives ids of 24 characters that a URL may hold, none twice', () => {
    const ids = Array.from({ length: 10_000 }, () => systemEntropy.id())
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{24}$/)
  })

  it('uses all 64 characters at each place', () => {
    const seen = Array.from({ length: 24 }, () => new Set<string>())
    for (let i = 0; i < 5_000; i++) Array.from(systemEntropy.id()).forEach((character, at) => seen[at]?.add(character))
    expect(seen.map(({ size }) => size)).toEqual(Array.from({ length: 24 }, () => 64))
  })

  it('gives numbers from 0 up to, but not including, 1', () => {
    const numbers = Array.from({ length: 1_000 }, () => systemEntropy.uniform())
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
    expect(new Set(numbers).size).toBeGreaterThan(990)
  })
})
