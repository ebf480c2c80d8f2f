import { map, timer } from 'rxjs'
import { conflateMap } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'conflateMap: one thing at a time, and of the rest only the latest',
  text: 'Requoting takes a second. What came meanwhile waits by key, and newer replaces older: nothing old is done after something newer.',
  code: 'conflateMap({ key: (tick) => tick.symbol, project: requote })',
  lanes: `
    ticks     btc(100)  200ms btc(101)  200ms eth(7)  200ms btc(102)
    requoted  1s btc(100)  1s btc(102)  1s eth(7)`,
  words: {
    btc: (price: number) => ({ symbol: 'BTC', price }),
    eth: (price: number) => ({ symbol: 'ETH', price }),
  },
  run: ({ hot }) => ({
    requoted: hot<{ symbol: string }>('ticks').pipe(
      conflateMap({ key: ({ symbol }) => symbol, project: (tick) => timer(1000).pipe(map(() => tick)) }),
    ),
  }),
})
