import { identity, map, type Observable } from 'rxjs'
import { crossover, ema, type Intent, limitBuy, limitSell, combineIndicators } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'
import { intentWords } from 'rxquant/backtest'

export default diagram({
  title: 'Buys when the fast average crosses above the slow one, sells when it crosses below',
  text: 'A strategy of intents: plain data in, plain data out, tested without a socket.',
  code: 'combineIndicators({ close, fast: ema(2), slow: ema(4) }), crossover(), …',
  lanes: `
    close     100  1m 99  1m 98  1m 97  1m 96  1m 104                  1m 106  1m 108  1m 95
    intents                                    5m place(BUY 1 @ 104)                   3m place(SELL 1 @ 95)`,
  words: intentWords('BTC/USDT'),
  run: ({ hot }) => {
    let last = 0
    return {
      intents: hot<number>('close').pipe(
        combineIndicators({ close: identity<Observable<number>>, fast: ema(2), slow: ema(4) }),
        map(({ close, fast, slow }) => {
          last = close
          return [fast, slow] as const
        }),
        crossover(),
        map((way): Intent => (way === 'up' ? limitBuy('BTC/USDT', last, 1) : limitSell('BTC/USDT', last, 1))),
      ),
    }
  },
})
