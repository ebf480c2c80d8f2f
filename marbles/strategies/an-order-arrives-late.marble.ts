import { map, share, switchMap } from 'rxjs'
import { execute, type Intent } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'
import { intentWords, marketWords, paper } from 'rxquant/backtest'

export default diagram({
  title: 'An order arrives late: the book has moved',
  text: `The exchange is 500 ms away, and as much back. The first order is sent at a price that is there to be had, and finds it gone; the second
finds it still there, and its fill is heard of a second after it was wanted.`,
  code: 'execute(account) with latency: { inMs: 500, outMs: 500 }',
  lanes: `
    market    quote(5 @ 99, 5 @ 101)  2.2s quote(5 @ 103, 5 @ 105)
    intents   2s place(BUY 1 @ 101 IOC)      2s place(BUY 1 @ 105 IOC)
    told      3s (placed ended)              2s (placed filled(105) ended)`,
  values: { placed: 'Placed', ended: 'Ended' },
  words: { ...marketWords(), ...intentWords(), filled: (price: number) => `Filled at ${price}` },
  untilMs: 8000,
  run: (kit) => {
    const account$ = paper(kit, kit.hot('market'), { latency: { inMs: 500, outMs: 500 } }).pipe(share())
    const intents$ = kit.hot<Intent>('intents')
    return {
      told: account$.pipe(
        switchMap((account) => intents$.pipe(execute(account))),
        map((outcome) => (outcome._tag === 'Filled' ? `Filled at ${outcome.fill.price}` : outcome._tag)),
      ),
    }
  },
})
