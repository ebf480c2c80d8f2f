import { gate, GateRefused } from 'rxquant/operators'
import { diagram, like } from 'rxquant/testing'

export default diagram({
  title: 'gate keeps values back until they may pass, and refuses what has waited too long',
  text: `What arrives while the gate is shut waits, in order, and passes the moment it opens. A value that has waited for its
whole age is refused: an order that comes late is worse than none.`,
  code: 'gate(open$, { maxAgeMs: 5000 })',
  lanes: `
    open$    no    2s yes    2s no
    orders   1s a  500ms b   1s c  2s d
    passed   2s (a b)        500ms c  7s #tooOld`,
  values: { yes: true, no: false, a: 'a', b: 'b', c: 'c', d: 'd' },
  errors: { tooOld: like(GateRefused, { reason: 'too-old' }) },
  run: ({ hot }) => ({ passed: hot('orders').pipe(gate(hot<boolean>('open$'), { maxAgeMs: 5000 })) }),
})
