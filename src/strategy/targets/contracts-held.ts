import { map, type Observable } from 'rxjs'
import type { Account } from '../../client/index.js'

/** Queries the position in a contract, both sides. */
export const contractsHeld = (
  account: Pick<Account, 'position'>,
  symbol: string,
): Observable<{ readonly long: number; readonly short: number }> =>
  account.position(symbol).pipe(map(({ long_quantity: long, short_quantity: short }) => ({ long, short })))
