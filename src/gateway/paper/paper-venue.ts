import { Observable, Subject } from 'rxjs'
import type { Command, Exchange, ExchangeEvent } from '../../exchange/index.js'
import type { Clock } from '../../time/index.js'
import { NoticeHistory } from '../notice-history.js'
import { OrderMemory } from '../order-memory.js'

type AccountEvent = Extract<ExchangeEvent, { type: 'order' | 'fill' | 'assets' | 'position' }>
type PublicEvent = Extract<ExchangeEvent, { type: 'trade' | 'ticker' | 'book' }>

interface Submission {
  readonly command: Command
  readonly answered: (events: readonly ExchangeEvent[]) => void
}

const nobody = () => undefined

/**
 * One paper exchange and those who watch it: carries out commands one after the other, gives each its answer first, and then
 * tells everybody concerned what followed from it.
 */
export class PaperVenue {
  readonly exchange: Exchange
  readonly #clock: Clock
  readonly #accounts = new Map<string, Set<(event: AccountEvent) => void>>()
  readonly #public$ = new Subject<PublicEvent>()
  readonly #histories = new Map<string, NoticeHistory>()
  readonly #historyBase: number
  readonly #memories = new Map<string, OrderMemory>()
  readonly #submissions: Submission[] = []
  #busy = false

  constructor(exchange: Exchange, clock: Clock) {
    this.exchange = exchange
    this.#clock = clock
    // Room for a million notices a second: no life of the exchange reaches into the numbers of the next.
    this.#historyBase = clock.wall() * 1_000
  }

  /** What the public sees: trades, tickers, changes of books. */
  readonly public$: Observable<PublicEvent> = this.#public$.asObservable()

  /**
   * Carries out a command. One that is submitted while another's events are still being told waits for its turn: whoever
   * hears of a fill and trades on it must not make others hear the consequence before the cause.
   */
  submit(command: Command, answered: (events: readonly ExchangeEvent[]) => void = nobody): void {
    this.#submissions.push({ command, answered })
    if (this.#busy) return
    this.#busy = true
    try {
      let next: Submission | undefined
      while ((next = this.#submissions.shift()) !== undefined) this.#carryOut(next)
    } finally {
      this.#busy = false
    }
  }

  /** What an account has ordered, by cid. */
  memory(account: string): OrderMemory {
    const memory = this.#memories.get(account) ?? new OrderMemory()
    this.#memories.set(account, memory)
    return memory
  }

  /** The numbered notices of an account. */
  history(account: string): NoticeHistory {
    const history = this.#histories.get(account) ?? new NoticeHistory({ base: this.#historyBase })
    this.#histories.set(account, history)
    return history
  }

  /** What happens to one account, from now on. */
  account$(account: string): Observable<AccountEvent> {
    return new Observable((subscriber) => {
      const listener = (event: AccountEvent) => subscriber.next(event)
      const listeners = this.#accounts.get(account) ?? new Set()
      this.#accounts.set(account, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) this.#accounts.delete(account)
      }
    })
  }

  #carryOut({ command, answered }: Submission): void {
    const events = this.exchange.apply(command, this.#clock.wall())
    // Whether anybody is logged in or not: resting orders trade while their owner is away.
    const numbered = events.map((event) => this.#numbered(event))
    answered(events)
    for (const event of numbered) this.#tell(event)
  }

  #numbered(event: ExchangeEvent): ExchangeEvent {
    switch (event.type) {
      case 'order':
        return { ...event, data: this.history(event.account).order(event.data) }
      case 'fill':
        return { ...event, data: this.history(event.account).fill(event.data) }
      default:
        return event
    }
  }

  #tell(event: ExchangeEvent): void {
    switch (event.type) {
      case 'order':
      case 'fill':
      case 'assets':
      case 'position': {
        const listeners = this.#accounts.get(event.account)
        if (listeners !== undefined) for (const listener of listeners) listener(event)
        return
      }
      case 'trade':
      case 'ticker':
      case 'book':
        this.#public$.next(event)
    }
  }
}
