import { multiplex } from 'rxquant/operators'
import { diagram } from 'rxquant/testing'

interface Notice {
  readonly symbol: string
  readonly price: number
}

export default diagram({
  title: 'multiplex splits one stream by key',
  text: `One Map lookup routes each value, for ten keys or ten thousand. Values of keys without a subscriber are
emitted by unclaimed$.`,
  code: 'multiplex((notice) => notice.symbol)',
  lanes: `
    notices    btc(100)  1s eth(7)  1s btc(101)  1s sol(20)  1s eth(8)
    BTC        btc(100)             2s btc(101)
    ETH                  1s eth(7)                           3s eth(8)
    unclaimed                                    3s sol(20)`,
  words: {
    btc: (price: number): Notice => ({ symbol: 'BTC', price }),
    eth: (price: number): Notice => ({ symbol: 'ETH', price }),
    sol: (price: number): Notice => ({ symbol: 'SOL', price }),
  },
  run: ({ hot, at }) => {
    const bySymbol = multiplex((notice: Notice) => notice.symbol)(hot<Notice>('notices'))
    at(0, () => bySymbol.connect())
    return { BTC: bySymbol.select('BTC'), ETH: bySymbol.select('ETH'), unclaimed: bySymbol.unclaimed$ }
  },
})
