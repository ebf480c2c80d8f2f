import { scan, takeWhile, map, filter } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'A trailing stop that only moves up',
  text: 'The stop is five below the highest price. The first price at or below the stop sells and completes.',
  code: 'trailingStop(5)',
  lanes: `
    price   100      1s 104     1s 102  1s 108      1s 103          1s 110
    stop    stop(95) 1s stop(99)        2s stop(103) 1s (sell(103) |)`,
  words: {
    stop: (at: number) => ({ stop: at }),
    sell: (at: number) => ({ sell: at }),
  },
  run: ({ hot }) => ({
    stop: hot<number>('price').pipe(
      scan(
        ({ stop }, price) => ({ stop: Math.max(stop, price - 5), moved: price - 5 > stop, price, hit: price <= stop }),
        { stop: -Infinity, moved: false, price: 0, hit: false },
      ),
      takeWhile(({ hit }) => !hit, true),
      filter(({ moved, hit }) => moved || hit),
      map(({ stop, price, hit }) => (hit ? { sell: price } : { stop })),
    ),
  }),
})
