import { combineLatest, concatMap, EMPTY, exhaustMap, ignoreElements, startWith, timer } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'Trades both legs at once on a price difference, then pauses for five seconds',
  text: `Neither leg waits for the other. The pause prevents repeated trades on one difference before the books
move.`,
  code: 'combineLatest([huobi, okex]), exhaustMap(…)',
  lanes: `
    huobi    100      1s 100.5  1s 99    2s 98       5s 97
    okex     100.2    2s 101.5  5s 101
    legs     2s (buy(huobi, 99) sell(okex, 101.5))  7s (buy(huobi, 97) sell(okex, 101))`,
  words: {
    buy: (platform: string, price: number) => ({ action: 'BUY', platform, price }),
    sell: (platform: string, price: number) => ({ action: 'SELL', platform, price }),
  },
  run: ({ hot }) => ({
    legs: combineLatest([hot<number>('huobi'), hot<number>('okex')]).pipe(
      exhaustMap(([huobi, okex]) => {
        if (okex - huobi < 2) return EMPTY
        const legs = [
          { action: 'BUY', platform: 'huobi', price: huobi },
          { action: 'SELL', platform: 'okex', price: okex },
        ]
        return timer(5000).pipe(ignoreElements(), startWith(legs))
      }),
      concatMap((legs) => legs),
    ),
  }),
})
