import { AdapterFault, shown } from './adapter-fault.js'
import type { AdapterFixture } from './fixture.js'
import { Trial } from './check-context.js'

/** One thing that every adapter does. */
export interface AdapterCheck {
  /** As a sentence about the adapter. */
  readonly name: string
  /** Consequence for a client if the check fails. */
  readonly why: string
  /** Optional member of the fixture that the check needs. */
  readonly needs?: keyof AdapterFixture
  /** Resolves if it is so; rejects with an {@link AdapterFault} that says what was seen instead. */
  run(subject: AdapterFixture): Promise<void>
}

/** A check with an adapter of its own, that tidies up. */
export const check = (
  name: string,
  why: string,
  look: (trial: Trial) => Promise<void>,
  needs?: keyof AdapterFixture,
): AdapterCheck => ({
  name,
  why,
  ...(needs === undefined ? {} : { needs }),
  run: async (subject) => {
    const trial = new Trial(subject, await subject.make())
    try {
      await look(trial)
    } catch (error) {
      throw error instanceof AdapterFault ? error : new AdapterFault(`the adapter threw ${shown(error)}`)
    } finally {
      await trial.end()
    }
  },
})
