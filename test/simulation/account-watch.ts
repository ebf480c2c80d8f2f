import { type Observable, Subscription } from 'rxjs'
import type { Account, Gap, OrderState, UnresolvedOrder, View } from '../../src/client/index.js'
import type { Balance, Position } from '../../src/protocol/index.js'
import type { QuestionOp } from './answers.js'
import { type Checks, shapeOf } from './checks.js'
import type { Machine } from './machine.js'
import { startMs } from './machine.js'
import { fillKey, isOpen, signedQuantityOf, symbol, type Venue } from './venue.js'

/** An order that is followed to its end. */
export interface Followed {
  readonly account: Account
  readonly order_no: string
  /** True if it was placed by this `track`. */
  readonly isPlaced: boolean
  ended: boolean
}

interface SeenGap {
  readonly gap: Gap
  readonly at: number
}

/** Subscribes to all that an Account offers, and compares it with the truth. */
export class AccountWatch {
  readonly subscription = new Subscription()
  readonly gaps: SeenGap[] = []
  readonly fillsSeen = new Set<string>()
  private readonly leastRemain = new Map<string, number>()
  private readonly firstSeen = new Map<string, number>()
  /** The latest question whose answer has changed a view. */
  private readonly answered = new Map<QuestionOp, number>()
  ready = false
  tradable = false
  tradableUntil = -1
  readyOnceAt: number | undefined
  ended = false
  orders: View<OrderState> | undefined
  balances: View<Balance> | undefined
  positions: View<Position> | undefined
  unresolved: readonly UnresolvedOrder[] = []
  /** The latest end that was emitted of each order. */
  private readonly ends = new Map<string, string>()

  constructor(
    readonly account: Account,
    readonly venue: Venue,
    readonly machine: Machine,
    private readonly checks: Checks,
    private readonly now: () => number,
  ) {
    const add = <T>(what: string, source: Observable<T>, next: (value: T) => void): void =>
      this.hear(what, source, next)
    add('ready$', account.ready$, (ready) => {
      this.ready = ready
      if (ready) this.readyOnceAt ??= now()
    })
    add('tradable$', account.tradable$, (tradable) => {
      this.tradable = tradable
      this.tradableUntil = now()
    })
    add('state$', account.state$, (state) => checks.noSecretIn('state$', JSON.stringify(state)))
    add('gap$', account.gap$, (gap) => {
      this.gaps.push({ gap, at: now() })
      checks.noSecretIn('gap$', JSON.stringify(gap))
    })
    add('anomaly$', account.anomaly$, (anomaly) => checks.noSecretIn('anomaly$', JSON.stringify(anomaly)))
    add('fill$', account.fill$, (fill) => {
      const key = fillKey(fill)
      const truth = venue.fills.get(key)
      if (this.fillsSeen.has(key)) checks.fail('I2', `fill ${key} was told twice`)
      else if (truth === undefined) checks.fail('I2', `fill ${key} never happened`)
      else if (truth.fill.quantity !== fill.quantity) checks.fail('I2', `fill ${key} is told with another quantity`)
      this.fillsSeen.add(key)
    })
    add('orders', account.orders(symbol), (view) => {
      this.deltas('orders', this.orders, view, ({ order_no }) => order_no)
      this.neverByAnOlder('open_orders', this.orders, view)
      this.neverTakenOut(view)
      this.orders = view
      for (const state of [...view.added, ...view.changed, ...view.removed]) this.fillsAddUp(state)
      for (const { order_no } of view.added) this.firstSeen.set(order_no, this.firstSeen.get(order_no) ?? now())
      for (const state of [...view.added, ...view.changed]) this.neverGrows(state)
    })
    add('balances', account.balances(), (view) => {
      this.neverByAnOlder('asset', this.balances, view)
      this.balances = view
    })
    if (venue.contracts) {
      add('positions', account.positions(symbol), (view) => {
        this.neverByAnOlder('position', this.positions, view)
        this.positions = view
      })
    }
    add('orderEvent$', account.orderEvent$, (event) => {
      if (event._tag === 'Closed') this.ends.set(event.order_no, event.reason)
    })
    add('unresolved$', account.unresolved$, (entries) => {
      const cids = new Set(entries.map(({ error }) => error.cid))
      for (const { error } of this.unresolved) {
        if (!cids.has(error.cid)) checks.settled(venue, error.cid, 'somehow')
      }
      this.unresolved = entries
    })
  }

  /** Ready, with views that say that they are right. */
  get standing(): boolean {
    const views = [this.orders, this.balances, ...(this.venue.contracts ? [this.positions] : [])]
    return this.ready && this.tradable && views.every((view) => view?.stale === false)
  }

  private hear<T>(what: string, source: Observable<T>, next: (value: T) => void): void {
    this.subscription.add(
      source.subscribe({
        next: (value) => {
          if (!this.machine.dead) next(value)
        },
        error: (error: unknown) => this.checks.fail('streams', `${what} errored: ${String(error)}`),
        complete: () => (this.ended = true),
      }),
    )
  }

  /** What a view says has changed is what has changed. */
  private deltas<V>(
    what: string,
    before: View<V> | undefined,
    { all, added, changed, removed }: View<V>,
    keyOf: (value: V) => string,
  ): void {
    const rebuilt = new Map(before?.all ?? [])
    for (const each of removed) rebuilt.delete(keyOf(each))
    for (const each of [...added, ...changed]) rebuilt.set(keyOf(each), each)
    const same = rebuilt.size === all.size && [...all].every(([key, value]) => rebuilt.get(key) === value)
    if (!same)
      this.checks.fail('views', `${what}: added, changed and removed do not lead from the last view to this one`)
  }

  /** The answer to an earlier question undoes nothing that the answer to a later one has told. */
  private neverByAnOlder<V>(op: QuestionOp, before: View<V> | undefined, { added, changed, removed }: View<V>): void {
    // The first tells what was known by then, and comes with any answer, be it one that cannot be read.
    if (before === undefined || added.length + changed.length + removed.length === 0) return
    const nth = this.checks.answers.hearing(op)
    if (nth === undefined) return
    if (nth < (this.answered.get(op) ?? 0))
      this.checks.fail('views', `the answer to an earlier ${op} has undone what that to a later one had told`)
    this.answered.set(op, nth)
  }

  /** What is open when the exchange is asked is in its answer, and what may have opened since is not taken out by it. */
  private neverTakenOut({ removed }: View<OrderState>): void {
    if (this.checks.answers.hearing('open_orders') === undefined) return
    for (const { order_no } of removed) {
      const truth = this.venue.orders.get(order_no)
      if (truth !== undefined && isOpen(truth))
        this.checks.fail('views', `order ${order_no} is open, and an answer has taken it out of the view`)
    }
  }

  /** I4: told by no reply and by no cid, it was known by its looks: then there was one alone that looked so. */
  proven(cid: string, order_no: string): void {
    const { checks, venue, machine, orders } = this
    const { toldPlaced, sightings, listed, written, attributed } = checks
    attributed.add(`${venue.name} ${order_no}`)
    const truth = venue.orders.get(order_no)
    const isByLooks = !toldPlaced.has(cid) && !sightings.has(cid) && !listed.has(cid)
    // By a clock that has jumped nobody can say which of them are too old.
    if (truth === undefined || !isByLooks || machine.jumps > 0) return
    // Behind another end that a full disk would not take: it was proven when less was known.
    if (orders?.all.get(order_no)?.signedQuantity !== undefined) return
    const since = written.get(cid)?.at ?? Infinity
    const shape = shapeOf(venue.name, truth.order)
    for (const other of orders?.all.values() ?? []) {
      const isNew = (this.firstSeen.get(other.order_no) ?? 0) > since
      const looksSo = shapeOf(venue.name, other) === shape && (other.price ?? truth.order.price) === truth.order.price
      if (isNew && looksSo && !attributed.has(`${venue.name} ${other.order_no}`))
        checks.fail('I4', `${cid} is told to have made ${order_no}, and may as well have made ${other.order_no}`)
    }
  }

  private fillsAddUp({ order_no, filled, signedQuantity }: OrderState): void {
    const truth = this.venue.orders.get(order_no)
    if (truth === undefined) {
      this.checks.fail('views', `order ${order_no} does not exist`)
      return
    }
    const sent = signedQuantityOf(truth.order)
    if (signedQuantity !== undefined && signedQuantity !== sent)
      this.checks.fail('views', `order ${order_no} was sent with ${sent}, the view says ${signedQuantity}`)
    const really = truth.fills.reduce((sum, { fill }) => sum + fill.quantity, 0)
    if (filled > really + 1e-9) this.checks.fail('I2', `order ${order_no}: ${filled} filled, really ${really}`)
  }

  /** What is filled stays filled: whatever says otherwise is out of date. */
  private neverGrows({ order_no, remain }: OrderState): void {
    const least = this.leastRemain.get(order_no)
    if (least !== undefined && remain > least)
      this.checks.fail('views', `order ${order_no} had ${least} left, and ${remain} later`)
    this.leastRemain.set(order_no, Math.min(least ?? remain, remain))
  }

  /** Once the network is quiet: the views are the exchange's own books. */
  compareViews(): void {
    const { checks, venue } = this
    const fail = (what: string): void => checks.fail('views', `${venue.name}: ${what}`)
    if (!this.ready || !this.tradable) fail(`ready ${this.ready}, tradable ${this.tradable}, though all is well`)
    const { orders, balances } = this
    if (orders === undefined || balances === undefined) {
      fail(`no view: orders ${orders === undefined}, balances ${balances === undefined}`)
      return
    }
    if (orders.stale || balances.stale) fail(`stale: orders ${orders.stale}, balances ${balances.stale}`)
    if (!orders.stale) {
      const open = [...venue.orders.values()].filter(isOpen)
      for (const { order } of open) {
        const row = orders.all.get(order.order_no)
        if (row === undefined) fail(`order ${order.order_no} is open and not in the view`)
        else if (row.remain !== order.remain || row.status !== order.status) {
          fail(`order ${order.order_no} is ${order.status} ${order.remain}, the view says ${row.status} ${row.remain}`)
        }
      }
      if (orders.all.size > open.length) {
        const extra = [...orders.all.keys()].filter((no) => !open.some(({ order }) => order.order_no === no))
        if (extra.length > 0) fail(`orders ${extra.join(', ')} are in the view and not open`)
      }
    }
    if (venue.contracts) this.comparePositions(fail)
    // What is held is worth another thing with each move of the market, of which no notice tells.
    if (!balances.stale && !this.holdsContracts) {
      let assets: Readonly<Record<string, Balance>> = {}
      venue.session?.asset().subscribe((now) => (assets = now))
      const view = Object.fromEntries(balances.all)
      for (const [currency, truth] of Object.entries(assets)) {
        if (JSON.stringify(view[currency]) !== JSON.stringify(truth)) {
          fail(`${currency} is ${JSON.stringify(truth)}, the view says ${JSON.stringify(view[currency])}`)
        }
      }
    }
  }

  private get holdsContracts(): boolean {
    let held = false
    if (this.venue.contracts) {
      this.venue.session?.position(symbol).subscribe((truth) => {
        held = truth.long_quantity !== 0 || truth.short_quantity !== 0
      })
    }
    return held
  }

  private comparePositions(fail: (what: string) => void): void {
    const row = this.positions?.all.get(symbol)
    if (row === undefined || this.positions?.stale !== false) {
      fail(`no position: ${row === undefined}, stale: ${this.positions?.stale}`)
      return
    }
    const held = ({ long_quantity, long_avail_qty, long_open_price, ...rest }: Omit<Position, 'symbol'>): string =>
      JSON.stringify([
        [long_quantity, long_avail_qty, long_open_price],
        [rest.short_quantity, rest.short_avail_qty, rest.short_open_price],
      ])
    this.venue.session?.position(symbol).subscribe((truth) => {
      if (held(row) !== held(truth)) fail(`the position is ${held(truth)}, the view says ${held(row)}`)
    })
  }

  /**
   * An order that has ended is followed no longer, whatever showed its end: a notice, fills, a cancel, its absence. What this login has
   * neither placed nor seen may go on: nothing tells it of an order that ended before.
   */
  compareFollowed(followed: readonly Followed[]): void {
    for (const { account, order_no, isPlaced, ended } of followed) {
      if (ended) continue
      if (account !== this.account) this.checks.fail('views', `track of ${order_no} outlives its login`)
      const truth = this.venue.orders.get(order_no)
      const isKnown = isPlaced || this.firstSeen.has(order_no)
      if (account !== this.account || !isKnown || truth === undefined || isOpen(truth)) continue
      this.checks.fail('views', `order ${order_no} is ${truth.order.status}, and track goes on`)
    }
  }

  /** I4: the client concludes CANCELED of no order that was filled. */
  compareEnds(lostOnPurpose: ReadonlySet<string>): void {
    for (const [order_no, reason] of this.ends) {
      const truth = this.venue.orders.get(order_no)
      const name = `${this.venue.name} ${order_no}`
      if (reason !== 'CANCELED' || truth?.order.status !== 'FILLED' || this.checks.saidCancelled.has(name)) continue
      if (truth.fills.some(({ fill }) => lostOnPurpose.has(`${this.venue.name} ${fillKey(fill)}`))) continue
      this.checks.fail('I4', `order ${order_no} is FILLED, and was told to be CANCELED, which no server said`)
    }
  }

  /** I2: a number that was left out is a notice that was missed. */
  compareHoles(): void {
    const { checks, venue, readyOnceAt = Infinity } = this
    for (const { platform, at, why } of checks.holes) {
      if (platform !== venue.name || at <= readyOnceAt) continue
      if (!this.gaps.some(({ at: toldAt }) => toldAt >= at))
        checks.fail('I2', `${why} showed at ${at} ms on ${platform}, and no gap tells of it`)
    }
  }

  /** I2: what was delivered was told; what was not lies within a gap that was declared. */
  compareFills(lostOnPurpose: ReadonlySet<string>, slackMs: number): void {
    const { checks, venue, machine, readyOnceAt } = this
    if (readyOnceAt === undefined) return
    /** Time by which the gateway can have sent what the exchange told at `at`. */
    const sentBy = (at: number): number =>
      Math.max(
        at,
        ...checks.gatewayStops.filter(({ from, to }) => from <= at + slackMs && to >= at).map(({ to }) => to),
      )
    for (const [key, { at }] of venue.fills) {
      if (at < readyOnceAt || this.fillsSeen.has(key) || lostOnPurpose.has(`${venue.name} ${key}`)) continue
      const deliveredAt = checks.deliveredFills.get(`${venue.name} ${key}`)
      if (deliveredAt !== undefined && deliveredAt > readyOnceAt) {
        checks.fail('I2', `fill ${key} was delivered at ${deliveredAt} and never told`)
        continue
      }
      // A gap that is recovered lost nothing: what was missed has been sent again.
      const declared = this.gaps.some(
        ({ gap, at: toldAt }) =>
          !gap.recovered &&
          toldAt >= at &&
          (machine.jumps > 0 || (gap.from - startMs <= sentBy(at) + slackMs && gap.to - startMs >= at - slackMs)),
      )
      // Pongs go on while a token is void without a word: then a gap is told that begins too late.
      const unknowable =
        checks.silentVoids.some(
          (each) => each.platform === venue.name && at >= each.at - slackMs && at <= each.at + 25_000,
        ) && this.gaps.some(({ at: toldAt }) => toldAt >= at)
      if (!declared && !unknowable)
        checks.fail('I2', `fill ${key} of ${(at / 1000).toFixed(3)} s was lost, and no gap covers it`)
    }
  }
}
