import { counted } from '../format/numbers.js'
import { allRefused, unresolvedCount, type Summary } from '../output/summary.js'

/** Takes precedence over other exit codes: an unresolved order needs a look by the user. */
const UNRESOLVED = 3
/** Exit code where the strategy sent orders and none was accepted. */
export const ALL_REFUSED = 4

/** Reports unresolved orders, and sets the exit code. */
export function reportUnresolved(summary: Summary): void {
  const orders = unresolvedCount(summary)
  if (orders === 0) return
  console.error(
    `rxquant: ${counted(orders, 'order')} may exist, outcome unknown: look at open orders and balances before trading on`,
  )
  process.exitCode = UNRESOLVED
}

/** Reports that no sent order was accepted, and sets the exit code. */
export function reportRefused(summary: Summary): void {
  if (!allRefused(summary)) return
  const orders = summary.accounts.reduce((sum, account) => sum + account.orders, 0)
  console.error(
    `rxquant: the strategy placed nothing: ${orders === 1 ? 'its only order was' : `all of its ${orders} orders were`} refused or not sent`,
  )
  process.exitCode ??= ALL_REFUSED
}
