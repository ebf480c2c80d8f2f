import { map, timestamp } from 'rxjs'
import { asOf } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'asOf: aligns two series in time without look-ahead',
  text: 'Pairs each price of the first series with the newest price of the other that is not later and not too old.',
  code: 'asOf(other$, { at, otherAt, toleranceMs: 2000 })',
  lanes: `
    okex    500ms 100           1s 101            3s 102
    huobi   200ms 99   400ms 98                                   5s 97
    pairs   500ms pair(100, 99) 1s pair(101, 98)`,
  words: { pair: (okex: number, huobi: number) => [okex, huobi] },
  run: ({ hot }) => ({
    pairs: hot<number>('okex').pipe(
      timestamp(),
      asOf(hot<number>('huobi').pipe(timestamp()), {
        at: (it) => it.timestamp,
        otherAt: (it) => it.timestamp,
        toleranceMs: 2000,
      }),
      map(([okex, huobi]) => [okex.value, huobi.value]),
    ),
  }),
})
