import { adapterChecks } from './checks.js'
import type { AdapterFixture } from './fixture.js'

/** Functions of a test framework: jest, vitest, mocha, node:test. */
export interface TestFunctions {
  readonly describe: (name: string, tests: () => void) => unknown
  readonly it: ((name: string, test: () => Promise<void>) => unknown) & {
    readonly skip: (name: string, test: () => void) => unknown
  }
}

/**
 * The checks as tests of a framework, one each.
 *
 * @example
 * ```ts
 * import { describe, it } from '@jest/globals'
 * describeAdapter('my adapter', subject, { describe, it })
 * ```
 */
export const describeAdapter = (name: string, subject: AdapterFixture, { describe, it }: TestFunctions): void =>
  void describe(name, () => {
    for (const check of adapterChecks) {
      if (check.needs === undefined || subject[check.needs] !== undefined) it(check.name, () => check.run(subject))
      else it.skip(`${check.name} (the subject gives no ${check.needs})`, () => undefined)
    }
  })
