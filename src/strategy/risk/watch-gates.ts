import type { Account } from '../../client/index.js'
import type { RiskControl } from './control.js'

/** Shared by all copies of the library: a strategy may import its own. */
const watcher = Symbol.for('rxquant.gate-watcher')

type Watch = (risk: RiskControl) => void

const watchOf = (account: Account): Watch | undefined => (account as { readonly [watcher]?: Watch })[watcher]

/**
 * Wraps an account so that `watch` receives the RiskControl of each `withRiskLimits` on it. A
 * program that runs strategies uses it to show their risk engines or to halt them: strategies
 * create these themselves and need not expose them.
 *
 * ```ts
 * strategy.run(watchGates(account, (risk) => risk.state$.subscribe(show)))
 * ```
 */
export const watchGates = (account: Account, watch: Watch): Account =>
  Object.assign({ ...account }, { [watcher]: watch })

/**
 * Passes a RiskControl to the watcher of the account. Returns the properties that make the wrapped
 * account watched too.
 */
export const announceRisk = (account: Account, risk: RiskControl): object => {
  const watch = watchOf(account)
  if (watch === undefined) return {}
  watch(risk)
  return { [watcher]: watch }
}
