import { auditTime, distinctUntilChanged, map, merge, type Observable, take } from 'rxjs'
import type { RiskControl, RiskState } from '../strategy/index.js'
import type { AccountEvent } from './run-event.js'

/** A gate changes with every price; nobody can look more often than this. */
const LOOK_EVERY_MS = 250

/** What of a gate is shown: all but its reference prices. */
const factsOf = ({ lock, account, symbols, refusals }: RiskState): string =>
  JSON.stringify([
    lock,
    account,
    refusals,
    symbols.map(({ used, working, unknown, gone, missed }) => [used, working, unknown, gone, missed]),
  ])

/** How a gate stands, each time that something of it which is shown has changed. */
export const watchGate = (platform: string, gate: number, { state$ }: RiskControl): Observable<AccountEvent> =>
  merge(state$.pipe(take(1)), state$.pipe(auditTime(LOOK_EVERY_MS))).pipe(
    distinctUntilChanged((a, b) => factsOf(a) === factsOf(b)),
    map((risk): AccountEvent => ({ platform, type: 'gate', gate, risk })),
  )
