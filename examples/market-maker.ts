// Market maker: one bid and one ask around the mid. The inventory shifts both quotes so that it shrinks again.
import { auditTime, combineLatest, map, scan, share, startWith, Subject, tap } from 'rxjs'
import { withRiskLimits, keepQuotes, type IntentOutcome, type Quotes, strategy } from 'rxquant/strategy'

const symbol = 'BTC/USDT'
/** Quantity on each side, and largest position, in BTC. */
const size = 0.01
const most = 0.05
/** Half of the spread, and the shift of the quotes at full inventory, as fractions of the price. */
const half = 0.0005
const skew = 0.0005

const quotes = (mid: number, held: number): Quotes => {
  const centre = mid * (1 - (skew * held) / most)
  const at = (price: number) => ({ price: Math.round(price), quantity: size })
  return {
    bid: held + size <= most ? at(centre * (1 - half)) : undefined,
    ask: held - size >= -most ? at(centre * (1 + half)) : undefined,
  }
}

export default strategy({
  logins: [{ platform: 'huobi', symbols: [symbol], market: ['ticker'] }],
  run: (account) => {
    const mid$ = account.ticker$(symbol).pipe(
      map(({ bid, ask }) => (bid + ask) / 2),
      share(),
    )
    const guarded = withRiskLimits(account, {
      maxOrderSize: size,
      maxOrderValue: 2_000,
      maxPosition: most,
      maxDeviation: 0.01,
      reference$: mid$.pipe(map((price) => ({ symbol, price }))),
    })
    const outcome$ = new Subject<IntentOutcome>()
    const held$ = outcome$.pipe(
      scan((held, outcome) => {
        if (outcome._tag !== 'Filled') return held
        return held + (outcome.fill.side === 'BUY' ? 1 : -1) * outcome.fill.quantity
      }, 0),
      startWith(0),
    )
    return combineLatest([mid$, held$]).pipe(
      auditTime(500),
      map(([mid, held]) => quotes(mid, held)),
      keepQuotes(guarded, { symbol, tolerance: 5 }),
      tap((outcome) => outcome$.next(outcome)),
    )
  },
})
