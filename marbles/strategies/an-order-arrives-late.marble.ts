import { map, share, switchMap } from 'rxjs'
import { execute, type Intent } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'
import { intentWords, marketWords, paper } from 'rxquant/backtest'

export default diagram({
  title: 'Latency: the book moves before an order arrives',
  text: `The exchange is 500 ms away in each direction. The first order is sent at an available price that is
gone when it arrives. The second is filled, and its fill is reported one second after the intent.`,
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
