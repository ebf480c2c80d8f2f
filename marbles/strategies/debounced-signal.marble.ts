import { debounceTime, distinctUntilChanged, map } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'A signal is acted on when it has stood for a second',
  text: 'Prices that cross a level to and fro would make an order at each crossing. Waiting until the signal has been quiet makes one.',
  code: 'map(p => p > 100 ? long : flat), distinctUntilChanged(), debounceTime(1000)',
  lanes: `
    price     99  200ms 101  200ms 99  200ms 101  5s 98
    target    1600ms long  5s flat`,
  values: { long: 'long', flat: 'flat' },
  run: ({ hot }) => ({
    target: hot<number>('price').pipe(
      map((price) => (price > 100 ? 'long' : 'flat')),
      distinctUntilChanged(),
      debounceTime(1000),
    ),
  }),
})
