import { BehaviorSubject, distinctUntilChanged, type Observable, Subject } from 'rxjs'
import type { ExchangeCommand, Exchange, ExchangeEvent } from '../../exchange/index.js'
import type { Reply } from '../../protocol/index.js'
import type { Clock, MarketClock } from '../../time/index.js'
import { NoticeLog } from '../adapter/notice-log.js'
import { termsOf } from '../../orders/index.js'
import { IdempotencyStore } from '../adapter/idempotency-store.js'
import { refusal } from '../adapter/refusal.js'
import { type EventLogHash, unhashed } from './event-log-hash.js'
import type { VenueEntry, VenueJournal } from './venue-journal.js'

export type AccountEvent = Extract<ExchangeEvent, { type: 'order' | 'fill' | 'assets' | 'position' }>
export type PublicEvent = Extract<ExchangeEvent, { type: 'trade' | 'ticker' | 'book' }>

interface Submission {
  readonly command: ExchangeCommand
  readonly answered: (events: readonly ExchangeEvent[]) => void
}

/** Observer of an exchange: for a ledger of what clients did there. It must not throw. */
export interface CommandObserver {
  /** Called with each command before it is carried out, at market time in ms since 1970. */
  before(command: ExchangeCommand, atMs: number): void
  /** Called with the events of the same command. */
  after(command: ExchangeCommand, events: readonly ExchangeEvent[], atMs: number): void
}

const nobody = () => undefined

/** Reply to an order by the events of its command; undefined if the order has no cid. */
const replyTo = (command: ExchangeCommand, events: readonly ExchangeEvent[], at: number) => {
  if (command.type !== 'place' || command.cid === undefined) return undefined
  const { account, cid } = command
  for (const event of events) {
    if (event.type !== 'accepted' && event.type !== 'refused') continue
    const reply: Reply =
      event.type === 'accepted'
        ? { op: 'place_order', cid, result: true, error_message: '', order_no: event.order_no }
        : refusal('place_order', cid, event.message)
    return { kind: 'reply', account, order: { cid, terms: termsOf(command), at, reply } } as const
  }
  return undefined
}

/**
 * One paper exchange and its subscribers: carries out commands one after the other, answers each
 * first, and then sends its events to all accounts concerned.
 */
export class PaperVenue {
  readonly exchange: Exchange
  readonly #clock: Clock
  readonly #marketClock: Pick<MarketClock, 'now'>
  readonly #accounts = new Map<string, Set<(event: AccountEvent) => void>>()
  readonly #public$ = new Subject<PublicEvent>()
  readonly #histories = new Map<string, NoticeLog>()
  readonly #historyBase: number
  readonly #journal: VenueJournal | undefined
  readonly #failure$ = new BehaviorSubject<string | undefined>(undefined)
  readonly #log: Pick<EventLogHash, 'mark' | 'add'>
  readonly #memories = new Map<string, IdempotencyStore>()
  /** Accounts, with symbols, whose orders are to be cancelled if this process is killed. */
  readonly #ifKilled = new Map<string, readonly string[]>()
  readonly #observer: CommandObserver | undefined
  readonly #submissions: Submission[] = []
  #busy = false

  /**
   * @param journal - commands are written there first, and its commands are replayed now: the
   * exchange is deterministic, so orders, balances, notices and replies are as they were
   * @param log - receives all events of the exchange, replayed ones included; a journal needs one
   * @param marketClock - timestamps the events of the exchange; the default is the wall clock
   * @param observer - sees each command and its events, replayed ones included
   */
  constructor(
    exchange: Exchange,
    clock: Clock,
    journal?: VenueJournal,
    log: Pick<EventLogHash, 'mark' | 'add'> = unhashed,
    marketClock: Pick<MarketClock, 'now'> = { now: () => clock.wall() },
    observer?: CommandObserver,
  ) {
    this.#observer = observer
    this.exchange = exchange
    this.#clock = clock
    this.#log = log
    this.#marketClock = marketClock
    // Room for a million notices a second: no life of the exchange reaches into the numbers of the
    // next.
    // mutant: numbers-of-a-new-life
    this.#historyBase = journal?.life.historyBase ?? clock.wall() * 1_000
    for (const entry of journal?.entries() ?? []) this.#doAgain(entry)
    this.#journal = journal
    this.#cancelForTheKilled()
    this.#compactIfDue()
  }

  /** Public events: trades, tickers, changes of books. */
  readonly public$: Observable<PublicEvent> = this.#public$.asObservable()

  /** The reason for which the journal cannot be written; undefined while it can. */
  readonly failure$: Observable<string | undefined> = this.#failure$.pipe(
    // Once for each failure, though its words may differ from line to line.
    distinctUntilChanged((one, other) => (one === undefined) === (other === undefined)),
  )

  /** Looks whether the journal is still in its place. */
  checkJournal(): void {
    try {
      this.#journal?.check()
    } catch (error) {
      this.#failure$.next(error instanceof Error ? error.message : 'it failed')
    }
  }

  /**
   * Carries out a command. One that is submitted during the delivery of another's events waits: a
   * subscriber that trades on a fill must not make others see the consequence before the cause.
   */
  submit(command: ExchangeCommand, answered: (events: readonly ExchangeEvent[]) => void = nobody): void {
    if (this.#busy) {
      this.#submissions.push({ command, answered })
      return
    }
    this.#busy = true
    try {
      this.#carryOut({ command, answered })
      let next: Submission | undefined
      while ((next = this.#submissions.shift()) !== undefined) this.#carryOut(next)
    } finally {
      this.#busy = false
    }
    this.#compactIfDue()
  }

  /** Orders of an account, by cid. */
  memory(account: string): IdempotencyStore {
    const memory =
      this.#memories.get(account) ??
      new IdempotencyStore({
        onReply: (order, isCorrection) => {
          // That an order was taken is known by its command; that it was refused may have been for
          // a reason before the exchange.
          if (!order.reply.result || isCorrection) this.#noted({ kind: 'reply', account, order })
        },
      })
    this.#memories.set(account, memory)
    return memory
  }

  /** The numbered notices of an account. */
  history(account: string): NoticeLog {
    const history = this.#histories.get(account) ?? new NoticeLog({ base: this.#historyBase })
    this.#histories.set(account, history)
    return history
  }

  /** See `cancelIfKilled` of the port. */
  cancelIfKilled(account: string, symbols: readonly string[] = []): void {
    if (symbols.length > 0) this.#ifKilled.set(account, symbols)
    else if (!this.#ifKilled.delete(account)) return
    this.#noted({ kind: 'if-killed', account, cancel: symbols })
  }

  /** Tells a listener what happens to one account, until what it gives back is called. */
  watch(account: string, listener: (event: AccountEvent) => void): () => void {
    const listeners = this.#accounts.get(account) ?? new Set()
    this.#accounts.set(account, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#accounts.delete(account)
    }
  }

  #carryOut({ command, answered }: Submission): void {
    const at = this.#clock.wall()
    const marketAt = this.#marketClock.now()
    // mutant: written-before-reply
    const failure =
      this.#journal === undefined
        ? undefined
        : this.#noted({ kind: 'command', at, ...(marketAt === at ? {} : { marketAt }), command })
    if (/* mutant: stops-when-unwritten */ failure !== undefined) {
      // No half-done command: one that cannot be written to the journal does not happen, of the
      // market or of a client.
      const ref = 'ref' in command ? command.ref : undefined
      const message = `the journal cannot be written, so nothing is carried out: ${failure}`
      answered([{ type: 'refused', account: command.account, ref, message }])
      return
    }
    const { events, numbered } = this.#apply(command, at, marketAt)
    const reply = replyTo(command, events, at)
    if (reply !== undefined) this.memory(reply.account).answered(reply.order.cid, reply.order.reply)
    answered(events)
    // mutant: written-after-reply
    for (const event of numbered) this.#tell(event)
  }

  #apply(command: ExchangeCommand, at: number, marketAt: number) {
    this.#observer?.before(command, marketAt)
    const events = this.exchange.apply(command, marketAt, at)
    this.#observer?.after(command, events, marketAt)
    this.#log.add(events)
    // Whether anybody is logged in or not: resting orders trade while their owner is away.
    return { events, numbered: events.map((event) => this.#numbered(event)) }
  }

  /** Writes down what is about to happen; says in words why it could not. */
  #noted(entry: VenueEntry): string | undefined {
    try {
      this.#journal?.write(entry)
      if (this.#failure$.value !== undefined) this.#failure$.next(undefined)
      return undefined
    } catch (error) {
      const failure = error instanceof Error ? error.message : 'it failed'
      this.#failure$.next(failure)
      return failure
    }
  }

  /** Replays a command of the journal without subscribers; its reply is remembered. */
  #doAgain(entry: VenueEntry): void {
    switch (entry.kind) {
      case 'reply':
        this.memory(entry.account).restore(entry.order)
        return
      case 'history':
        this.history(entry.account).restore(entry.history)
        return
      case 'if-killed':
        if (entry.cancel.length > 0) this.#ifKilled.set(entry.account, entry.cancel)
        else this.#ifKilled.delete(entry.account)
        return
      case 'command': {
        const { command, at, marketAt = at } = entry
        const reply = replyTo(command, this.#apply(command, at, marketAt).events, at)
        // mutant: cids-from-the-journal
        if (reply !== undefined) this.memory(reply.account).restore(reply.order)
      }
    }
  }

  /**
   * Keeps the promise of a killed predecessor to cancel orders. If it cannot be written now, it
   * stays promised.
   */
  #cancelForTheKilled(): void {
    for (const [account, symbols] of [...this.#ifKilled]) {
      const refused: ExchangeEvent[] = []
      const answered = (events: readonly ExchangeEvent[]): void => {
        refused.push(...events.filter(({ type }) => type === 'refused'))
      }
      for (const symbol of this.exchange.hasAccount(account) ? symbols : []) {
        this.submit({ type: 'cancel', account, symbol, order_nos: [] }, answered)
      }
      if (refused.length === 0) this.cancelIfKilled(account)
    }
  }

  /** Runs between two commands, after all events have been delivered. */
  #compactIfDue(): void {
    if (this.#journal?.isDue !== true) return
    this.#journal.compact({
      exchange: this.exchange.state(),
      eventLog: this.#log.mark,
      entries: this.#remembered(),
    })
  }

  *#remembered(): IterableIterator<VenueEntry> {
    for (const [account, memory] of this.#memories) {
      // mutant: cids-in-snapshot
      for (const order of memory.remembered()) yield { kind: 'reply', account, order }
    }
    for (const [account, cancel] of this.#ifKilled) yield { kind: 'if-killed', account, cancel }
    // mutant: numbers-in-snapshot
    for (const [account, { state }] of this.#histories) yield { kind: 'history', account, history: state }
  }

  #numbered(event: ExchangeEvent): ExchangeEvent {
    switch (event.type) {
      case 'order':
        return { ...event, data: this.history(event.account).order(event.data) }
      case 'fill': {
        const { account, data, fee, fee_currency } = event
        return { ...event, data: this.history(account).fill({ ...data, fee, fee_currency }) }
      }
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
