import { finalize, type MonoTypeOperatorFunction, Observable, retry, type Subscription, timeout, timer } from 'rxjs'
import {
  type Account,
  NotSent,
  type OrderRequest,
  type OrderState,
  type Placed,
  Rejected,
  Unresolved,
} from '../../src/client/index.js'
import type { AccountWatch, Followed } from './account-watch.js'
import type { Attempt, Call, Checks } from './checks.js'
import type { Dice } from './dice.js'
import type { Hits } from './hits.js'
import type { Machine } from './machine.js'
import type { Habits } from './plan.js'
import { isDoubtful } from './refusal-texts.js'
import { symbol, type Venue } from './venue.js'

/** A command, until it has ended. */
export interface Running {
  readonly what: string
  readonly subscription: Subscription | undefined
}

export interface StrategyOptions {
  readonly venue: Venue
  readonly machine: Machine
  readonly dice: Dice
  readonly checks: Checks
  readonly hits: Hits
  readonly orderMaxAgeMs: number
  readonly habits: Habits
  /** Share of losses that it answers with a sweep. */
  readonly sweeps: number
  readonly sweepDice: Dice
  readonly note: (what: string) => void
  /** Makes each order's shape its own. */
  readonly nextOrderNumber: () => number
}

const round = (value: number, places: number): number => Math.round(value * 10 ** places) / 10 ** places

/** Subscribes again within the error handler, before the first subscription has come to its end. */
const againAtOnce = <T>(source$: Observable<T>): Observable<T> =>
  new Observable((subscriber) =>
    source$.subscribe({
      next: (value) => subscriber.next(value),
      error: () => subscriber.add(source$.subscribe(subscriber)),
      complete: () => subscriber.complete(),
    }),
  )

/** Does whatever a strategy might, wise or not. Outlives logins; one for each platform of a process. */
export class Strategy {
  watch: AccountWatch | undefined
  /** Commands that have not ended, by number. */
  readonly running = new Map<number, string>()
  readonly #options: StrategyOptions
  readonly followed: Followed[] = []
  /** The orders that were cancelled by the reply to a cancel. */
  readonly #cancelled = new WeakMap<Account, Set<string>>()
  readonly #known: string[] = []
  readonly #tracked = new Set<string>()
  #commands = 0

  constructor(options: StrategyOptions) {
    this.#options = options
  }

  act(): void {
    const { watch } = this
    if (watch === undefined) return
    const { account } = watch
    const { dice, habits } = this.#options
    const { tracking: _, ...weights } = habits
    switch (dice.weighted(weights)) {
      case 'place':
        this.#place(account, this.#order())
        break
      case 'burst':
        for (let i = dice.int(2, 6); i > 0; i--) this.#place(account, this.#order())
        break
      case 'twins': {
        const call = this.#place(account, this.#order())
        const { quantity, price } = call.order
        // Of contracts the one may open long, and the other close short: a notice does not tell which.
        const turned = this.#options.venue.contracts && dice.chance(0.5)
        const dearer = call.order.order_type !== 'MARKET' && dice.chance(0.3)
        const twin = { ...call.order, price: dearer ? round(price + 0.5, 2) : price }
        this.#place(account, { ...twin, quantity: turned ? -quantity : quantity }, call)
        break
      }
      case 'cancel':
        if (watch.orders?.all.size === 0 && dice.chance(0.7)) this.#place(account, this.#order(true))
        else this.#cancel(account, dice.pick([1, 1, 2, 3]))
        break
      case 'all':
        this.#cancelAll(account)
        break
      case 'query':
        this.#query(account)
        break
      case 'track':
        this.#trackKnown(account)
        break
      case 'close': {
        const [entry] = watch.unresolved
        if (entry === undefined) break
        const { checks, venue } = this.#options
        const call = checks.callOf(venue.name, entry.error.request as unknown as OrderRequest)
        if (call !== undefined) call.closedByCaller++
        checks.closedByCaller.add(entry.error.cid)
        try {
          entry.close()
        } catch {
          // The order journal cannot be written now: the entry is still there.
          if (call !== undefined) call.closedByCaller--
          checks.closedByCaller.delete(entry.error.cid)
        }
        break
      }
      case 'wrong':
        this.#run(
          'wrong order',
          account.placeOrder({ ...this.#order(), quantity: dice.pick([0, Number.NaN, Infinity]) }),
        )
        this.#place(account, { ...this.#order(), quantity: 50_000 + this.#options.nextOrderNumber() })
    }
  }

  /** The connection is lost: now and then it asks for an order, a cancel of all, and one more order, and waits for nothing. */
  lost(): void {
    const { sweepDice, sweeps, machine, hits } = this.#options
    if (!sweepDice.chance(sweeps)) return
    const sweep = (): void => {
      const { watch } = this
      if (machine.dead || watch === undefined || watch.ready) return
      hits.count('cancel of all asked before READY, behind an order')
      for (let n = sweepDice.int(1, 3); n > 0; n--) this.#place(watch.account, this.#order(sweepDice.chance(0.7)))
      this.#cancelAll(watch.account)
      this.#place(watch.account, this.#order(sweepDice.chance(0.7)))
    }
    machine.scheduler.schedule(sweep, sweepDice.between(0, 1_000))
  }

  askOpenOrders(): void {
    if (this.watch !== undefined) this.#run('openOrders', this.watch.account.openOrders(symbol))
  }

  placeOneMore(): void {
    if (this.watch !== undefined) this.#place(this.watch.account, this.#order(true))
  }

  #cancelAll(account: Account): void {
    const { checks, venue } = this.#options
    const ticket = checks.cancelAllAsked(venue.name)
    const cancel$ = account.cancelOrder({ symbol, order_nos: [] })
    this.#run('cancel all', cancel$.pipe(finalize(() => checks.cancelAllEnded(venue.name, ticket))))
  }

  /** Where nothing is subscribed to any more, nothing needs to end. */
  died(): void {
    for (const call of this.#options.checks.calls) {
      if (call.machine !== this.#options.machine) continue
      for (const attempt of call.attempts) attempt.end ??= 'died'
    }
    this.running.clear()
  }

  /** @param rests where the market does not come, until it is cancelled */
  #order(rests = this.#options.dice.chance(0.3)): OrderRequest {
    const { dice, venue, nextOrderNumber } = this.#options
    const n = nextOrderNumber()
    const order_type = rests ? 'LIMIT' : dice.weighted({ LIMIT: 55, MARKET: 22, IOC: 23 })
    const action = dice.pick(['BUY', 'SELL'] as const)
    const offset = rests ? dice.between(8, 20) * (action === 'BUY' ? -1 : 1) : dice.between(-6, 6)
    const price = round(venue.midPrice + offset, 2)
    const byAmount = order_type === 'MARKET' && action === 'BUY' && !venue.contracts
    return {
      symbol,
      action,
      order_type,
      price: order_type === 'MARKET' ? 0 : price,
      quantity: venue.contracts
        ? (10 + n) * (dice.chance(0.65) === (action === 'BUY') ? 1 : -1)
        : byAmount
          ? round(10 + n * 0.01, 2)
          : round(0.01 + n * 0.000001, 6),
    }
  }

  /** @param twin another call for the very same thing: two orders are wanted then. */
  #place(account: Account, order: OrderRequest, twin?: Call): Call {
    const { checks, dice, venue, machine, hits, orderMaxAgeMs, habits } = this.#options
    const maxAgeMs = twin?.maxAgeMs ?? (dice.chance(0.15) ? dice.between(50, 30_000) : orderMaxAgeMs)
    const call: Call = twin ?? {
      name: `placeOrder ${order.action} ${order.quantity} ${order.order_type} on ${venue.name}`,
      venue,
      machine,
      order,
      maxAgeMs,
      attempts: [],
      orderNos: [],
      wanted: 0,
      copies: 0,
      closedByCaller: 0,
    }
    call.wanted++
    if (twin === undefined) checks.begin(call)
    const place$ = this.#counted(call, account.placeOrder(order, { maxAgeMs }))
    const how = dice.weighted({
      plain: 45,
      retry: 12,
      pausing: 8,
      impatient: 15,
      insistent: 8,
      leaving: 12,
      tracking: habits.tracking,
    })
    if (how !== 'plain') hits.came(`placeOrder, ${how}`)
    switch (how) {
      case 'tracking':
        // Goes around the count: track subscribes to a placeOrder of its own.
        this.#tracking(account, call, order)
        break
      case 'plain':
        this.#run(call.name, place$)
        break
      case 'retry':
        this.#run(call.name, place$.pipe(retry(dice.int(1, 3))))
        break
      case 'insistent':
        this.#run(call.name, againAtOnce(place$))
        break
      case 'pausing': {
        const pauseMs = dice.between(100, 15_000)
        this.#run(call.name, place$.pipe(retry({ count: 3, delay: () => timer(pauseMs, machine.scheduler) })))
        break
      }
      case 'impatient':
        this.#run(call.name, place$.pipe(this.#impatient(dice.between(1, 4_000)), retry(dice.int(1, 4))))
        break
      case 'leaving': {
        const subscription = place$.subscribe({ error: () => undefined })
        machine.scheduler.schedule(() => subscription.unsubscribe(), dice.between(0, 3_000))
      }
    }
    return call
  }

  #impatient<T>(eachMs: number): MonoTypeOperatorFunction<T> {
    return timeout({ each: eachMs, scheduler: this.#options.machine.scheduler })
  }

  /** Each subscription, with its end. */
  #counted(call: Call, place$: Observable<Placed>): Observable<Placed> {
    return new Observable((subscriber) => {
      const attempt = this.#attempt(call)
      subscriber.add(() => (attempt.end ??= 'left'))
      subscriber.add(
        place$.subscribe({
          next: (placed) => {
            this.#placed(call, attempt, placed)
            subscriber.next(placed)
          },
          error: (error: unknown) => {
            this.#failed(call, attempt, error)
            subscriber.error(error)
          },
          complete: () => {
            // A process that is killed as it writes hears nothing any more.
            const isHeard = attempt.end === 'placed' || this.#options.machine.dead
            if (!isHeard) this.#options.checks.fail('I3', `${call.name} completed without a word`)
            subscriber.complete()
          },
        }),
      )
    })
  }

  #attempt(call: Call): Attempt {
    const { clock } = this.#options.machine
    const { checks } = this.#options
    const attempt: Attempt = {
      wallAt: clock.wall(),
      monotonicAt: clock.monotonic(),
      end: undefined,
      ticket: checks.nextTicket(),
    }
    call.attempts.push(attempt)
    return attempt
  }

  #placed(call: Call, attempt: Attempt, placed: Placed): void {
    const { order_no } = placed
    const { checks, hits, machine, note } = this.#options
    if (machine.dead) return
    if (attempt.end !== undefined) checks.fail('I3', `${call.name} ended as ${attempt.end} and then as placed`)
    attempt.end = 'placed'
    hits.came('end: placed')
    note(`${call.name}: placed ${order_no}`)
    this.#isReally(call, placed)
    this.#known.push(order_no)
  }

  #isReally(call: Call, { order_no, cid }: Placed): void {
    const { checks, venue } = this.#options
    checks.attributed.add(`${venue.name} ${order_no}`)
    const truth = venue.byCid.get(cid) ?? []
    // Of what the server has made of its own accord nobody can say which frame it is of.
    const isRight = call.copies > 0 || truth.includes(order_no)
    if (!isRight || !call.orderNos.includes(order_no)) {
      checks.fail(
        'I4',
        `${call.name}, ${cid}, is told that it made ${order_no}, and made ${truth.join(', ') || 'none'}`,
      )
    }
  }

  #failed(call: Call, attempt: Attempt, error: unknown): void {
    const { checks, hits, machine, note } = this.#options
    if (machine.dead) return
    if (attempt.end !== undefined) checks.fail('I3', `${call.name} ended as ${attempt.end} and then in an error`)
    this.#noSecret(error)
    if (error instanceof NotSent) {
      attempt.end = 'not-sent'
      hits.came(`end: NotSent (${error.reason})`)
    } else if (error instanceof Rejected) {
      attempt.end = 'rejected'
      if (isDoubtful(error.serverMessage))
        checks.fail('I4', `${call.name} ended Rejected by ${JSON.stringify(error.serverMessage)}, which proves nothing`)
      hits.came('end: Rejected')
    } else if (error instanceof Unresolved) {
      attempt.end = 'unknown'
      hits.came(`end: Unresolved (${error.cause})`)
    } else checks.fail('I3', `${call.name} ended in ${String(error)}`)
    note(`${call.name}: ${String(attempt.end)}${error instanceof Unresolved ? ` ${error.cause} ${error.cid}` : ''}`)
  }

  #noSecret(error: unknown): void {
    this.#options.checks.noSecretIn('an error', `${String(error)} ${JSON.stringify(error)}`)
  }

  #tracking(account: Account, call: Call, order: OrderRequest): void {
    const attempt = this.#attempt(call)
    const life$ = account.track(order, { maxAgeMs: call.maxAgeMs })
    const { machine } = this.#options
    const n = this.#note(`track ${call.name}`)
    let followed: Followed | undefined
    const over = (): void => {
      this.running.delete(n)
      if (followed !== undefined) followed.ended = true
    }
    life$.subscribe({
      next: (update) => {
        if (machine.dead) return
        if (update._tag === 'Placed') {
          followed = { account, order_no: update.placed.order_no, isPlaced: true, ended: false }
          this.followed.push(followed)
          if (attempt.end === undefined) this.#placed(call, attempt, update.placed)
          else this.#isReally(call, update.placed)
          // From here on it lasts as long as the order.
          this.running.delete(n)
        } else if (update._tag === 'Unresolved') {
          this.#failed(call, attempt, update.error)
          this.running.delete(n)
        } else if (update._tag === 'Ended') this.#endOf(account, update.order)
      },
      error: (error: unknown) => {
        over()
        if (attempt.end === undefined) this.#failed(call, attempt, error)
      },
      complete: over,
    })
  }

  #trackKnown(account: Account): void {
    const order_no = this.#someOrder()
    if (order_no === undefined || this.#tracked.has(order_no)) return
    this.#tracked.add(order_no)
    const followed: Followed = { account, order_no, isPlaced: false, ended: false }
    this.followed.push(followed)
    account.track({ symbol, order_no }).subscribe({
      complete: () => (followed.ended = true),
      next: (update) => {
        if (update._tag === 'Ended') this.#endOf(account, update.order)
      },
      error: (error: unknown) => this.#options.checks.fail('streams', `track ${order_no}: ${String(error)}`),
    })
  }

  /** FILLED beats CANCELED: an order whose FILLED was heard has not ended otherwise. So does evidence, where the server tells no end. */
  #endOf(account: Account, { order_no, status, filled, order_type }: OrderState): void {
    const { checks, venue, machine } = this.#options
    if (machine.dead || status === 'FILLED') return
    const fail = (why: string): void =>
      checks.fail('views', `order ${order_no} ${why}, and is told to have ended as ${status}`)
    if (checks.deliveredFilled.has(`${venue.name} ${order_no}`)) fail('was heard to be FILLED')
    const truth = venue.orders.get(order_no)
    // How much a market order fills is not known before.
    if (truth?.order.status === 'FILLED' && order_type !== 'MARKET') {
      const really = truth.fills.reduce((sum, { fill }) => sum + fill.quantity, 0)
      if (filled >= really - 1e-9) fail('has filled whole, every fill was heard')
    }
    if (status !== 'CANCELED' && this.#cancelled.get(account)?.has(order_no) === true) fail('was cancelled')
  }

  #someOrder(): string | undefined {
    const { dice } = this.#options
    const open = [...(this.watch?.orders?.all.keys() ?? [])]
    const from = dice.chance(0.8) && open.length > 0 ? open : this.#known
    return from.length === 0 ? undefined : dice.pick(from)
  }

  #cancel(account: Account, many: number): void {
    const { checks, venue, machine } = this.#options
    const order_nos = [...new Set(Array.from({ length: many }, () => this.#someOrder()))].filter(
      (no) => no !== undefined,
    )
    if (order_nos.length === 0) return
    this.#run(`cancel ${order_nos.join(' ')}`, account.cancelOrder({ symbol, order_nos }), (results) => {
      if (machine.dead) return
      for (const { order_no, result } of results) {
        // Or by its absence, which says that it is over, and not how.
        if (result && checks.isCancelledByReply(venue.name, order_no))
          this.#cancelled.set(account, (this.#cancelled.get(account) ?? new Set()).add(order_no))
        const status = venue.orders.get(order_no)?.order.status
        if (result && (status === 'SUBMITTED' || status === 'PARTIAL-FILLED')) {
          checks.fail('cancels', `${order_no} is told to be cancelled, and is ${status}`)
        }
      }
    })
  }

  #query(account: Account): void {
    switch (this.#options.dice.int(0, 3)) {
      case 0:
        this.#run('openOrders', account.openOrders(symbol))
        break
      case 1:
        this.#run('asset', account.asset())
        break
      case 2:
        this.#run('symbolInfo', account.symbolInfo(symbol))
        break
      default:
        this.#run('position', account.position(symbol))
    }
  }

  #note(what: string): number {
    const n = ++this.#commands
    this.running.set(n, what)
    return n
  }

  /** I3: it must end, and in one of the four ways. */
  #run<T>(what: string, command$: Observable<T>, next: (value: T) => void = () => undefined): void {
    const { checks, machine } = this.#options
    const n = this.#note(what)
    command$.subscribe({
      next,
      error: (error: unknown) => {
        this.running.delete(n)
        if (machine.dead) return
        this.#noSecret(error)
        const known = error instanceof NotSent || error instanceof Rejected || error instanceof Unresolved
        if (!known && (error as Error).name !== 'TimeoutError') checks.fail('I3', `${what} ended in ${String(error)}`)
      },
      complete: () => this.running.delete(n),
    })
  }
}
