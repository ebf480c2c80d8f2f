import * as t from 'io-ts'
import { FiniteNumber, isPlainNumber } from '../codec/number.js'
import { quick } from '../codec/quick.js'

/** Balance of an account in one currency. */
export const Balance = quick(
  t.type({ free: FiniteNumber, locked: FiniteNumber, total: FiniteNumber }, 'Balance'),
  (u) => isPlainNumber(u.free) && isPlainNumber(u.locked) && isPlainNumber(u.total),
)
export interface Balance extends t.TypeOf<typeof Balance> {}

/**
 * Balances by currency. A notice may hold only some currencies, or locked and total 0: a hint to
 * ask, not the truth.
 *
 * Currencies are named by the peer: read them with `Object.entries` or `Object.hasOwn`, never by a
 * bare index.
 */
export interface Assets {
  readonly [currency: string]: Balance
}

const isRecord = (u: unknown): u is Record<string, unknown> => typeof u === 'object' && u !== null && !Array.isArray(u)

/**
 * Not `t.record`: that assigns key by key, so a currency called `__proto__` would set a prototype.
 * `Object.fromEntries` defines.
 */
export const Assets = new t.Type<Assets, unknown, unknown>(
  'an object of balances by currency',
  (u): u is Assets => isRecord(u) && Object.values(u).every(Balance.is),
  (u, context) => {
    if (!isRecord(u)) return t.failure(u, context)
    const entries: [string, Balance][] = []
    const errors: t.ValidationError[] = []
    for (const [currency, value] of Object.entries(u)) {
      const balance = Balance.validate(value, t.appendContext(context, currency, Balance, value))
      if (balance._tag === 'Right') entries.push([currency, balance.right])
      else errors.push(...balance.left)
    }
    return errors.length > 0 ? t.failures(errors) : t.success(Object.fromEntries(entries))
  },
  t.identity,
)
