import { map, type Timestamp, timestamp } from 'rxjs'
import { bars } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

interface Trade {
  readonly price: number
  readonly quantity: number
}

export default diagram({
  title: 'bars: resamples trades, and emits each bar after its end',
  text: `A strategy that acts on a bar cannot look ahead. After half a second of grace a bar is emitted even
without a later trade.`,
  code: 'bars({ periodMs: 60000, graceMs: 500 })',
  lanes: `
    trades   trade(100, 1)  20s trade(104, 2)  20s trade(98, 1)  30s trade(99, 5)
    bars                                       60.5s bar(100, 104, 98, 98, 4)      60s bar(99, 99, 99, 99, 5)`,
  words: {
    trade: (price: number, quantity: number): Trade => ({ price, quantity }),
    bar: (...numbers: number[]) => numbers,
  },
  run: ({ hot }) => ({
    bars: hot<Trade>('trades').pipe(
      timestamp(),
      map(({ value, timestamp: at }: Timestamp<Trade>) => ({ ...value, timestamp: at })),
      bars({ periodMs: 60_000, graceMs: 500 }),
      map(({ open, high, low, close, volume }) => [open, high, low, close, volume]),
    ),
  }),
})
