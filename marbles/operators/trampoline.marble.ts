import { merge, share, Subject, tap } from 'rxjs'
import { trampoline } from 'rxquant/operators'
import { diagram } from 'rxquant/testing'

export default diagram({
  title: 'trampoline lets everybody see one value before the next',
  text: `The first subscriber answers a fill by something that causes another value at once. Without the trampoline its neighbour would see
the answer first and the fill after it; with it both see them in one order.`,
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
