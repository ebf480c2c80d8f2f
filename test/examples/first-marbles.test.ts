import { it } from '@jest/globals'
import { debounceTime, filter, map, type Observable, pairwise } from 'rxjs'
import { marbles } from 'rxquant/testing'

const buyTheDip = (price$: Observable<number>) =>
  price$.pipe(
    pairwise(),
    filter(([before, now]) => now < before - 1),
    debounceTime(500), // no scheduler to pass: it runs in virtual time all the same
    map(([, price]) => ({ action: 'BUY', price })),
  )

it('buys a dip, half a second after the last fall', () =>
  marbles({
    lanes: `
      price     100  1s 98  200ms 96  1s 101     2s 95
      orders         1700ms buy(96)              3s buy(95)`,
    words: { buy: (price: number) => ({ action: 'BUY', price }) },
    run: ({ hot }) => ({ orders: buyTheDip(hot('price')) }),
  }))
