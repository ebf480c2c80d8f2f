import { filter, map, type Observable, share, switchMap } from 'rxjs'
import type { IntentOutcome } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'
import { marketWords, paper } from 'rxquant/backtest'
import twap from '../../examples/twap.js'

export default diagram({
  title: 'TWAP: a slice every three seconds; a missing quantity is ordered at the next price',
  text: `examples/twap.ts on the real paper exchange: 0.1 BTC in twenty slices, of which the first few are
shown. At 3 s only 0.002 is available; the rest follows a second later.`,
  code: 'twap.run(account)',
  lanes: `
    market   100ms quote(5 @ 59990, 5 @ 60000)  1900ms quote(5 @ 59990, 0.002 @ 60000)  2s quote(5 @ 60010, 5 @ 60020)  4s quote(5 @ 59980, 5 @ 59990)
    fills    200ms bought(0.005 @ 60000)        2800ms bought(0.002 @ 60000)  1100ms bought(0.003014 @ 60020)  1900ms bought(0.005006 @ 60020)  3s bought(0.00501 @ 59990)`,
  words: { ...marketWords(), bought: (what: string) => `BUY ${what}` },
  untilMs: 10_000,
  run: (kit) => {
    const account$ = paper(kit, kit.hot('market'), { market: ['ticker'] }).pipe(share())
    return {
      fills: account$.pipe(
        switchMap((account) => twap.run(account) as Observable<IntentOutcome>),
        filter((outcome) => outcome._tag === 'Filled'),
        map(({ fill: { side, quantity, price } }) => `${side} ${quantity} @ ${price}`),
      ),
    }
  },
})
