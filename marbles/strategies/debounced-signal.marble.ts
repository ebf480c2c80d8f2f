import { debounceTime, distinctUntilChanged, map } from 'rxjs'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'Acts on a signal that has been stable for a second',
  text: `A price that crosses a level back and forth would cause an order per crossing. Debouncing the signal
causes one.`,
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
