import { concatMap, from, type Observable } from 'rxjs'
import { accountChecks } from './account-checks.js'
import { AdapterFault, shown } from './adapter-fault.js'
import type { AdapterCheck } from './check.js'
import { featureChecks } from './feature-checks.js'
import { loginChecks } from './login-checks.js'
import { orderChecks } from './order-checks.js'
import type { AdapterFixture } from './fixture.js'

/** All that an adapter of `ExchangeAdapter` has to keep to. */
export const adapterChecks: readonly AdapterCheck[] = [
  ...loginChecks,
  ...orderChecks,
  ...accountChecks,
  ...featureChecks,
]

/** Result of a check. */
export type AdapterResult =
  | { readonly _tag: 'Passed'; readonly check: AdapterCheck }
  | { readonly _tag: 'Failed'; readonly check: AdapterCheck; readonly message: string }
  /** The subject does not give what it `needs`. */
  | { readonly _tag: 'Skipped'; readonly check: AdapterCheck }

const resultOf = async (check: AdapterCheck, subject: AdapterFixture): Promise<AdapterResult> => {
  if (check.needs !== undefined && subject[check.needs] === undefined) return { _tag: 'Skipped', check }
  try {
    await check.run(subject)
    return { _tag: 'Passed', check }
  } catch (error) {
    return { _tag: 'Failed', check, message: error instanceof AdapterFault ? error.message : shown(error) }
  }
}

/**
 * Puts an adapter through all checks, one after the other, and tells each result. Cold; never
 * errors.
 *
 * @example
 * ```ts
 * checkAdapter(subject).subscribe(({ _tag, check }) => console.log(_tag, check.name))
 * ```
 */
export const checkAdapter = (subject: AdapterFixture): Observable<AdapterResult> =>
  from(adapterChecks).pipe(concatMap((check) => resultOf(check, subject)))
