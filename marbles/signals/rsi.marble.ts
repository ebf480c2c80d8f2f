import { map } from 'rxjs'
import { rsi } from 'rxquant/strategy'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'rsi: share of upward moves in all moves',
  text: '100 if every price is higher than the previous one, 0 if every price is lower.',
  code: 'rsi(2)',
  lanes: `
    close   100  1m 101  1m 102  1m 101  1m 100  1m 99
    rsi                  2m 100  1m 50   1m 25   1m 12.5`,
  run: ({ hot }) => ({
    rsi: hot<number>('close').pipe(
      rsi(2),
      map((value) => Number(value.toFixed(1))),
    ),
  }),
})
