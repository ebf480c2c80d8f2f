import { Account, type BalanceView } from './account.js'
import { quoted } from '../matching/validate-order.js'
import type { DepositCommand, OpenAccountCommand } from '../command.js'
import { formatUnits, parseUnits } from '../numbers/decimal.js'
import type { Report } from '../event-collector.js'
import { plus } from '../numbers/units.js'

/**
 * The account that collects fees, and the fund that pays what liquidated accounts cannot. No
 * command can name them.
 */
const FEES = 'fees'
const INSURANCE = 'insurance'

/** All accounts, and the deposits from outside. */
export class Accounts {
  readonly fees: Account
  readonly insurance: Account
  /**
   * The sum of all deposits less withdrawals, by currency: what all accounts and the fees must add
   * up to.
   */
  readonly deposited = new Map<string, bigint>()
  private readonly byName = new Map<string, Account>()

  constructor(
    private readonly platform: string,
    private readonly decimals: ReadonlyMap<string, number>,
    private readonly views: ReadonlyMap<string, BalanceView>,
    private readonly report: Report,
  ) {
    this.fees = new Account(FEES, true, decimals, views)
    this.insurance = new Account(INSURANCE, true, decimals, views)
  }

  get(name: string): Account | undefined {
    return this.byName.get(name)
  }

  /** Number of accounts, without those of the fees and the insurance fund. */
  get count(): number {
    return this.byName.size
  }

  /** All accounts, those of the fees and the insurance fund last. */
  *all(): IterableIterator<Account> {
    yield* this.byName.values()
    yield this.fees
    yield this.insurance
  }

  /** Says in words why it may not. */
  open({ account: name, deposits = {}, house = false }: OpenAccountCommand): string | undefined {
    if (this.byName.has(name) || name === FEES || name === INSURANCE) return `account ${name} exists already`
    const amounts: [string, bigint][] = []
    for (const [currency, amount] of Object.entries(deposits)) {
      const units = this.units(currency, amount)
      if (typeof units === 'string') return units
      if (units < 0n) return `a first deposit must not be negative: ${amount} ${currency}`
      amounts.push([currency, units])
    }
    const account = new Account(name, house, this.decimals, this.views)
    this.byName.set(name, account)
    for (const [currency, units] of amounts) this.credit(account, currency, units)
    return undefined
  }

  /** Says in words why it may not. */
  deposit(account: Account, { currency, amount }: DepositCommand): string | undefined {
    const units = this.units(currency, amount)
    if (typeof units === 'string') return units
    const wallet = account.wallet(currency)
    const { decimals } = wallet
    const free = wallet.view?.(account).free ?? wallet.free
    if (plus(free, units) < 0 && !account.house) {
      return `insufficient balance: free is ${formatUnits(free, decimals)} ${currency}`
    }
    this.credit(account, currency, units)
    return undefined
  }

  private credit(account: Account, currency: string, units: bigint): void {
    const wallet = account.wallet(currency)
    wallet.add(units)
    this.deposited.set(currency, (this.deposited.get(currency) ?? 0n) + units)
    this.report.touch(account, wallet)
  }

  /** An amount in the currency's units, or in words why it is none. */
  private units(currency: string, amount: string | number): bigint | string {
    const decimals = this.decimals.get(currency)
    if (decimals === undefined) {
      return `unknown currency ${quoted(currency)}: ${this.platform} has ${[...this.decimals.keys()].join(', ')}`
    }
    return (
      parseUnits(String(amount), decimals) ??
      `amount ${amount} ${currency} is not a decimal of at most ${decimals} places`
    )
  }
}
