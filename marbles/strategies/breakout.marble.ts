import { bufferCount, distinctUntilChanged, filter, type Observable, scan } from 'rxjs'
import { diagram } from 'rxquant/testing'

type Signal = { readonly hold: true; readonly price: number; readonly stop: number } | { readonly hold: false }

const breakout =
  (lookback: number) =>
  (close$: Observable<number>): Observable<Signal> =>
    close$.pipe(
      bufferCount(lookback + 1, 1),
      filter((closes) => closes.length > lookback),
      scan<number[], Signal>(
        (signal, closes) => {
          const before = closes.slice(0, -1)
          const price = closes.at(-1) ?? 0
          if (price > Math.max(...before))
            return signal.hold ? signal : { hold: true, price, stop: Math.min(...before) }
          return price < Math.min(...before) ? { hold: false } : signal
        },
        { hold: false },
      ),
      distinctUntilChanged((a, b) => a.hold === b.hold),
    )

export default diagram({
  title: 'Buys above the last three closes, sells below them',
  text: `The rule of the turtle traders. A buy signal includes a stop price, from which the size is computed.
examples/GUIDE.md starts with this test.`,
  code: 'breakout(3)',
  lanes: `
    close    100  1m 101  1m 102  1m 103            1m 104  1m 99  1m |
    signal                        3m buy(103, 100)          2m sell 1m |`,
  words: { buy: (price: number, stop: number) => ({ hold: true, price, stop }) },
  values: { sell: { hold: false } },
  run: ({ hot }) => ({ signal: hot<number>('close').pipe(breakout(3)) }),
})
