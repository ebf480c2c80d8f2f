import type { Account } from '../../client/index.js'
import type { RiskControl } from './control.js'

/** The same in every copy of the library: a strategy may have brought its own. */
const watcher = Symbol.for('rxquant.gate-watcher')

type Watch = (risk: RiskControl) => void

const watchOf = (account: Account): Watch | undefined => (account as { readonly [watcher]?: Watch })[watcher]

/**
 * The same account; whoever puts a risk gate on it is told to `watch`. For those who run strategies and want to show their gates, or hold the
 * kill switch: a strategy makes its gates itself and need not hand them out.
 *
 * ```ts
 * strategy.run(watchGates(account, (risk) => risk.state$.subscribe(show)))
 * ```
 */
export const watchGates = (account: Account, watch: Watch): Account =>
  Object.assign({ ...account }, { [watcher]: watch })

/** Tells whoever watches the account of a gate on it; gives what the gated account needs for its own gates to be told. */
export const tellOfGate = (account: Account, risk: RiskControl): object => {
  const watch = watchOf(account)
  if (watch === undefined) return {}
  watch(risk)
  return { [watcher]: watch }
}
