import {
  asyncScheduler,
  catchError,
  concat,
  defaultIfEmpty,
  defer,
  filter,
  firstValueFrom,
  from,
  map,
  type Observable,
  of,
  Subject,
  Subscription,
  throwError,
  timeout,
  timer,
} from 'rxjs'
import {
  type AdapterEvent,
  type ExchangeAdapter,
  type AdapterNotice,
  type AdapterSession,
  type NewOrder,
  Secret,
} from '../../gateway/index.js'
import { StateCode } from '../../protocol/index.js'
import { AdapterFault, hold, shown } from './adapter-fault.js'
import type { AdapterKeys, AdapterOrder, AdapterFixture } from './fixture.js'

type Topic = AdapterNotice['topic']
type Data<T extends Topic> = Extract<AdapterNotice, { topic: T }>['data']

/** End of a command. */
export type Ended<A> = { readonly value: A } | { readonly error: unknown }

/** An account at the adapter under test. */
export class Seat {
  readonly session: AdapterSession
  /** All events that it received, in order. */
  readonly events: AdapterEvent[] = []
  /** End of its events, which should never come. */
  ended: string | undefined
  readonly #subject: AdapterFixture
  readonly #event$ = new Subject<AdapterEvent>()
  readonly #listening = new Subscription()
  readonly #answers: unknown[] = []

  constructor(adapter: ExchangeAdapter, keys: AdapterKeys, subject: AdapterFixture, symbols = [subject.symbol]) {
    this.#subject = subject
    this.session = adapter.open({
      symbols,
      accessKey: new Secret(keys.accessKey),
      secretKey: new Secret(keys.secretKey),
      market: [],
    })
  }

  listen(): void {
    this.#listening.add(
      this.session.event$.subscribe({
        next: (event) => {
          this.events.push(event)
          this.#event$.next(event)
        },
        error: (error: unknown) => (this.ended = `errored with ${shown(error)}`),
        complete: () => (this.ended = 'completed'),
      }),
    )
  }

  leave(): void {
    this.#listening.unsubscribe()
  }

  /** Everything it was answered or told, as text. */
  get words(): string {
    return [...this.events, ...this.#answers].map(shown).join('\n')
  }

  /** The first event that fits, received or to come. */
  heard<E extends AdapterEvent>(what: string, fits: (event: AdapterEvent) => event is E): Promise<E> {
    return this.#within(concat(from([...this.events]), this.#event$).pipe(filter(fits)), () => {
      const last = this.events.slice(-5).map(shown).join(', ') || 'nothing'
      return `${what} did not come; the last event was ${last}`
    })
  }

  ready(): Promise<unknown> {
    return this.heard(
      'state 6 READY',
      (event): event is Extract<AdapterEvent, { _tag: 'state' }> =>
        event._tag === 'state' && event.code === StateCode.READY,
    )
  }

  /** The first notice of a topic that fits. */
  async notice<T extends Topic>(topic: T, what: string, fits: (data: Data<T>) => boolean): Promise<Data<T>> {
    const event = await this.heard(
      `a notice of topic ${topic} ${what}`,
      (told): told is Extract<AdapterNotice, { topic: T }> =>
        told._tag === 'notice' && told.topic === topic && fits(told.data as Data<T>),
    )
    return event.data as Data<T>
  }

  /** The notices of a topic so far. */
  notices<T extends Topic>(topic: T): Data<T>[] {
    return this.events.flatMap((event) =>
      event._tag === 'notice' && event.topic === topic ? [event.data as Data<T>] : [],
    )
  }

  /** Returns the end of a command; a fault if there is none. */
  end<A>(what: string, command: () => Observable<A>): Promise<Ended<A>> {
    const ended$ = defer(command).pipe(
      map((value): Ended<A> => ({ value })),
      catchError((error: unknown) => of<Ended<A>>({ error })),
      defaultIfEmpty<Ended<A>, Ended<A>>({ error: new Error('it completed without a result') }),
    )
    return this.#within(ended$, () => `${what} was never answered`).then((ended) => {
      this.#answers.push('value' in ended ? ended.value : ended.error)
      return ended
    })
  }

  /** The result of a command that should succeed. */
  async ask<A>(what: string, command: () => Observable<A>): Promise<A> {
    const ended = await this.end(what, command)
    hold('value' in ended, () => `${what} failed: ${'error' in ended ? shown(ended.error) : ''}`)
    return ended.value
  }

  order(order: AdapterOrder, more: Partial<NewOrder> = {}): NewOrder {
    return { symbol: this.#subject.symbol, cid: '', ...order, ...more }
  }

  place(order: AdapterOrder, more: Partial<NewOrder> = {}): Promise<{ readonly order_no: string }> {
    return this.ask(`placeOrder ${shown(order)}`, () => this.session.placeOrder(this.order(order, more)))
  }

  /** Sends an order, and tells each answer: an order_no, or an error in words. */
  send(order: AdapterOrder, answered: (answer: string) => void): void {
    this.#listening.add(
      this.session.placeOrder(this.order(order)).subscribe({
        next: ({ order_no }) => answered(order_no),
        error: (error: unknown) => answered(shown(error)),
      }),
    )
  }

  openOrders() {
    return this.ask('openOrders', () => this.session.openOrders(this.#subject.symbol))
  }

  cancel(...order_nos: readonly string[]) {
    const { symbol } = this.#subject
    return this.ask(`cancelOrder ${shown(order_nos)}`, () => this.session.cancelOrder({ symbol, order_nos }))
  }

  /** Waits for what should not come. */
  async settle(): Promise<void> {
    const { settleMs = 250, scheduler = asyncScheduler } = this.#subject
    await firstValueFrom(timer(settleMs, scheduler), { defaultValue: 0 })
  }

  #within<A>(source$: Observable<A>, otherwise: () => string): Promise<A> {
    const { withinMs = 5_000, scheduler = asyncScheduler } = this.#subject
    // eslint-disable-next-line rxjs-x/no-ignored-default-value -- It is never empty: commands end with a value, and events are waited for.
    return firstValueFrom(
      source$.pipe(
        timeout({
          first: withinMs,
          scheduler,
          with: () => throwError(() => new AdapterFault(`${otherwise()} (within ${withinMs} ms)`)),
        }),
      ),
    )
  }
}
