import { expect } from '@jest/globals'

const TOLERANCE = 1e-9

const describeValue = (actual: unknown, expected: unknown): unknown =>
  typeof actual === 'number' && typeof expected === 'number'
    ? Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected))
      ? expected
      : actual
    : Array.isArray(expected) && Array.isArray(actual)
      ? actual.map((each, index) => describeValue(each, expected[index]))
      : typeof expected === 'object' && expected !== null && typeof actual === 'object' && actual !== null
        ? Object.fromEntries(
            Object.keys(expected).map((key) => [
              key,
              describeValue((actual as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key]),
            ]),
          )
        : (actual ?? null)

/** Compares the keys of `expected` with those of `actual`: numbers to 1e-9 (relative above 1), `null` means undefined. */
export const expectClose = (actual: unknown, expected: unknown): void =>
  expect(describeValue(actual, expected)).toEqual(expected)
