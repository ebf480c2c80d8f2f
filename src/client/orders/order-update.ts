import type { Fill } from '../../protocol/index.js'
import type { Placed } from '../command.js'
import type { Unresolved } from '../errors/errors.js'
import type { OrderState } from '../state/stores/index.js'

/** One step in the life of an order. */
export type OrderUpdate =
  | { readonly _tag: 'Placed'; readonly placed: Placed }
  /** Its outcome is not known yet. When it becomes known, the steps go on. */
  | { readonly _tag: 'Unresolved'; readonly error: Unresolved }
  | { readonly _tag: 'Changed'; readonly order: OrderState }
  /**
   * It is not open any more, and how it ended is not known: a list of open orders that was asked
   * for later does not hold it. Its fills or its end may still come, within `resyncWithinMs`; then
   * it ends with `order.gone` true and `complete` false.
   */
  | { readonly _tag: 'Missing'; readonly order: OrderState }
  | { readonly _tag: 'Filled'; readonly fill: Fill }
  /** The last step. `complete`: the fills seen add up to what the order says was filled. */
  | { readonly _tag: 'Ended'; readonly order: OrderState; readonly complete: boolean }
