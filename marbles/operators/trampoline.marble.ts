import { merge, share, Subject, tap } from 'rxjs'
import { trampoline } from 'rxquant/operators'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'trampoline delivers one value to all subscribers before the next',
  text: `The first subscriber reacts to a fill by causing another value synchronously. Without trampoline the
second subscriber would see the reaction before the fill; with it both see the same order.`,
  code: 'trampoline(), share()',
  lanes: `
    notices    fill  1s tick
    answering  (fill hedge)  1s tick
    watching   (fill hedge)  1s tick`,
  values: { fill: 'fill', tick: 'tick', hedge: 'hedge' },
  run: ({ hot }) => {
    const caused = new Subject<string>()
    const seen$ = merge(hot<string>('notices'), caused).pipe(trampoline(), share())
    return {
      answering: seen$.pipe(
        tap((notice) => {
          if (notice === 'fill') caused.next('hedge')
        }),
      ),
      watching: seen$,
    }
  },
})
