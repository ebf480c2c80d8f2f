import { counted } from '../format/numbers.js'
import { allRefused, inDoubt, type Summary } from '../output/summary.js'

/** An order may have happened: whatever else went wrong, a script has to hear that somebody must look. */
const IN_DOUBT = 3
/** The strategy sent orders, and not one was taken. */
export const ALL_REFUSED = 4

/** Says that orders are in doubt, and sets the exit code. */
export function sayDoubts(summary: Summary): void {
  const orders = inDoubt(summary)
  if (orders === 0) return
  console.error(
    `rxquant: ${counted(orders, 'order')} may have happened, and nobody knows: look at open orders and balances before trading on`,
  )
  process.exitCode = IN_DOUBT
}

/** Says that no order was taken, where the strategy sent some, and sets the exit code. */
export function sayRefusals(summary: Summary): void {
  if (!allRefused(summary)) return
  const orders = summary.accounts.reduce((sum, account) => sum + account.orders, 0)
  console.error(
    `rxquant: the strategy placed nothing: ${orders === 1 ? 'its only order was' : `all of its ${orders} orders were`} refused or not sent`,
  )
  process.exitCode ??= ALL_REFUSED
}
