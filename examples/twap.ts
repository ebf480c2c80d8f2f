// TWAP: buys a quantity in equal slices over time. A later slice includes what an earlier one did not fill.
import { map, share, take, timer } from 'rxjs'
import { withRiskLimits, reachTarget, strategy } from 'rxquant/strategy'

const symbol = 'BTC/USDT'
const total = 0.1
const slices = 20
const everyMs = 3_000
/** Largest distance of the limit above the best ask, as a fraction, for an immediate fill. */
const slippage = 0.0005

export default strategy({
  logins: [{ platform: 'huobi', symbols: [symbol], market: ['ticker'] }],
  run: (account) => {
    const ticker$ = account.ticker$(symbol).pipe(share())
    const guarded = withRiskLimits(account, {
      // Missed slices add up: one order may have the whole quantity.
      maxOrderSize: total,
      maxOrderValue: 10_000,
      maxPosition: total,
      reference$: ticker$.pipe(map(({ bid, ask }) => ({ symbol, price: (bid + ask) / 2 }))),
    })
    return timer(0, everyMs).pipe(
      take(slices),
      map((slice) => (total * (slice + 1)) / slices),
      reachTarget(guarded, {
        symbol,
        price$: ticker$.pipe(map(({ bid, ask }) => ({ buy: ask * (1 + slippage), sell: bid * (1 - slippage) }))),
      }),
    )
  },
})
