import { gate, GateRefused } from 'rxquant/operators'
import { diagram, like } from 'rxquant/testing'

export default diagram({
  title: 'gate buffers values until it opens, and refuses those that waited too long',
  text: `Values that arrive while the gate is shut wait in order and pass when it opens. A value that reaches
its largest age is refused: a late order is worse than none.`,
  code: 'gate(open$, { maxAgeMs: 5000 })',
  lanes: `
    open$    no    2s yes    2s no
    orders   1s a  500ms b   1s c  2s d
    passed   2s (a b)        500ms c  7s #tooOld`,
  values: { yes: true, no: false, a: 'a', b: 'b', c: 'c', d: 'd' },
  errors: { tooOld: like(GateRefused, { reason: 'too-old' }) },
  run: ({ hot }) => ({ passed: hot('orders').pipe(gate(hot<boolean>('open$'), { maxAgeMs: 5000 })) }),
})
