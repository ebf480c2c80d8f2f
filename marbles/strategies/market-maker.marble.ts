import { distinctUntilChanged, map, throttleTime } from 'rxjs'
import { diagram } from 'rxquant/testing'

interface Ticker {
  readonly bid: number
  readonly ask: number
}

export default diagram({
  title: 'Quotes follow the mid price, at most twice a second, and only when they change',
  text: `Every requote loses the place in the queue. The last price of a burst is quoted when the half second is
over.`,
  code: 'map(middle), throttleTime(500, { leading, trailing }), distinctUntilChanged()',
  lanes: `
    market   ticker(99, 101)  100ms ticker(100, 102)  100ms ticker(101, 103)  2s ticker(101, 103)
    quotes   quote(99.5, 100.5)       500ms quote(101.5, 102.5)`,
  words: {
    ticker: (bid: number, ask: number): Ticker => ({ bid, ask }),
    quote: (bid: number, ask: number) => ({ bid, ask }),
  },
  run: ({ hot }) => ({
    quotes: hot<Ticker>('market').pipe(
      map(({ bid, ask }) => (bid + ask) / 2),
      throttleTime(500, undefined, { leading: true, trailing: true }),
      distinctUntilChanged(),
      map((middle) => ({ bid: middle - 0.5, ask: middle + 0.5 })),
    ),
  }),
})
