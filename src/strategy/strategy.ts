import { isObservable, type Observable } from 'rxjs'
import type { Account } from '../client/index.js'
import type { MarketTopic } from '../protocol/index.js'

/** Login that a strategy needs. The program that runs the strategy supplies the keys. */
export interface StrategyLogin {
  readonly platform: string
  readonly symbols: readonly string[]
  /** Market topics to subscribe to. @default none */
  readonly market?: readonly MarketTopic[]
}

/** Strategy module. Cold: keeps no state outside `run`, and can run many times. */
export interface Strategy<Logins extends readonly StrategyLogin[] = readonly StrategyLogin[]> {
  readonly logins: Logins
  /**
   * Receives one Account per entry of `logins`, in that order. Its values are shown to the user.
   */
  run(...accounts: AccountsOf<Logins>): Observable<unknown>
}

/** One Account for each login. */
export type AccountsOf<Logins extends readonly StrategyLogin[]> = { [Index in keyof Logins]: Account }

/**
 * Types a strategy module: `run` gets as many accounts as there are logins.
 *
 * ```ts
 * export default strategy({
 *   logins: [
 *     { platform: 'huobi', symbols: ['BTC/USDT'], market: ['ticker'] },
 *     { platform: 'okex', symbols: ['BTC/USDT'], market: ['ticker'] },
 *   ],
 *   run: (huobi, okex) => merge(huobi.order$, okex.order$),
 * })
 * ```
 */
export const strategy = <const Logins extends readonly StrategyLogin[]>(
  definition: Strategy<Logins>,
): Strategy<Logins> => definition

const kindOf = (value: unknown): string => {
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  return value instanceof Promise ? 'a Promise' : 'an object that is not one'
}

/**
 * Calls `run` of a strategy and checks its result: a strategy in JavaScript may return anything.
 *
 * @throws TypeError if the result is not an Observable; any error that `run` throws
 */
export const outputOf = <Logins extends readonly StrategyLogin[]>(
  strategy: Strategy<Logins>,
  ...accounts: AccountsOf<Logins>
): Observable<unknown> => {
  const output: unknown = strategy.run(...accounts)
  if (isObservable(output)) return output
  throw new TypeError(`\`run\` of a strategy must return an Observable, but returned ${kindOf(output)}`)
}
