import { map, timer } from 'rxjs'
import { conflateMap } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'conflateMap: one value at a time, and only the latest of each waiting key',
  text: `A requote takes a second. Values that arrive meanwhile wait by key, and a newer value replaces an older
one.`,
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
