import type { ExchangeAdapter } from '../../gateway/index.js'
import { Seat } from './adapter-client.js'
import type { AdapterKeys, AdapterFixture } from './fixture.js'

/** One check's own adapter and the accounts that are logged in there. */
export class Trial {
  readonly #seats: Seat[] = []

  constructor(
    readonly subject: AdapterFixture,
    readonly adapter: ExchangeAdapter,
  ) {}

  /** A session that is not connected yet. */
  open(keys: AdapterKeys, symbols?: string[]): Seat {
    const seat = new Seat(this.adapter, keys, this.subject, symbols)
    this.#seats.push(seat)
    return seat
  }

  /** A session of the first or the second account that is READY. */
  async login(which: 0 | 1 = 0): Promise<Seat> {
    const seat = this.open(this.subject.accounts[which])
    seat.listen()
    await seat.ready()
    return seat
  }

  /** The two trade with each other; resolves when both have heard of it. */
  async trade(): Promise<{ maker: Seat; taker: Seat; nos: readonly [string, string] }> {
    const [first, second] = this.subject.trading
    const maker = await this.login(0)
    const taker = await this.login(1)
    const { order_no: made } = await maker.place(first)
    const { order_no: taken } = await taker.place(second)
    const isFilled = (no: string) => (order: { order_no: string; status: string }) =>
      order.order_no === no && order.status === 'FILLED'
    await taker.notice('order', `which says that the taking order ${taken} is FILLED`, isFilled(taken))
    await maker.notice('order', `which says that the resting order ${made} is FILLED`, isFilled(made))
    return { maker, taker, nos: [made, taken] }
  }

  /** Leaves nothing behind, as far as the adapter lets it. */
  async end(): Promise<void> {
    for (const seat of this.#seats) {
      if (seat.events.length > 0) await seat.cancel().catch(() => undefined)
      seat.leave()
    }
  }
}
