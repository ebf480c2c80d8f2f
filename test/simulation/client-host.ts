import { defer, repeat, retry, Subscription, timer } from 'rxjs'
import {
  connect,
  type Gateway,
  type OrderJournalEntry,
  type OrderJournal,
  type LoginFailed,
  type LoginOptions,
} from '../../src/client/index.js'
import { seededEntropy, type VirtualScheduler } from '../../src/time/index.js'
import { AccountWatch } from './account-watch.js'
import type { Checks } from './checks.js'
import type { Dice } from './dice.js'
import type { Hits } from './hits.js'
import { Machine } from './machine.js'
import type { Network } from './network.js'
import type { Plan } from './plan.js'
import { Strategy } from './strategy.js'
import { keys, type Venue } from './venue.js'

/** What outlives a client process: its file of intents. */
export class Journal {
  readonly entries: OrderJournalEntry[] = []
  /** Settled, but the disk was full. */
  readonly unwritten = new Set<string>()

  constructor(
    private readonly venue: Venue,
    private readonly checks: Checks,
    private readonly onSent: () => void,
  ) {}

  /** @param onPlaced - called as it is proven which order an intent has become */
  of(machine: Machine, fails: () => boolean, onPlaced: (cid: string, order_no: string) => void): OrderJournal {
    /** Orders whose end this login has yet to write, before any other. The next login finds them open. A refusal that cannot be written is none. */
    const owed = new Set<string>()
    const proven = new Set<string>()
    return {
      read: () => {
        owed.clear()
        return [...this.entries]
      },
      write: (entry) => {
        if (machine.dead) return
        // At the first try: what is owed to a full disk is written when more is known.
        if (entry.kind === 'settled' && entry.order_no !== undefined && !proven.has(entry.cid)) {
          proven.add(entry.cid)
          onPlaced(entry.cid, entry.order_no)
        }
        if (fails()) {
          if (entry.kind === 'settled') {
            this.unwritten.add(entry.cid)
            if (entry.fate === 'placed') owed.add(entry.cid)
          }
          throw new Error('no space left on device')
        }
        this.entries.push(entry)
        if (entry.kind === 'settled') {
          owed.delete(entry.cid)
          this.checks.settled(this.venue, entry.cid, entry.fate)
        } else {
          if (owed.size > 0) this.checks.fail('I4', `${entry.cid} goes before the ends of ${[...owed].join(', ')}`)
          this.onSent()
        }
      },
    }
  }
}

export interface ClientOptions {
  readonly plan: Plan
  readonly base: VirtualScheduler
  readonly network: Network
  readonly venues: readonly Venue[]
  readonly journals: ReadonlyMap<Venue, Journal>
  readonly checks: Checks
  readonly hits: Hits
  readonly dice: Dice
  readonly note: (where: string, what: string) => void
  readonly journalFails: () => boolean
}

/** One life of a client process: its gateway, its logins, its strategies. */
export class Client {
  readonly machine: Machine
  readonly strategies = new Map<Venue, Strategy>()
  readonly gateway: Gateway
  readonly #options: ClientOptions
  readonly #logins = new Map<Venue, Subscription>()
  readonly #running = new Subscription()

  constructor(
    readonly life: number,
    options: ClientOptions,
    nextOrderNumber: () => number,
    predecessor?: Client,
  ) {
    this.#options = options
    const { plan, base, network, venues, checks, hits, dice, note } = options
    const machine = (this.machine = new Machine(`client ${life}`, base, predecessor?.machine))
    this.gateway = connect(network.transportOf(machine), {
      clock: machine.clock,
      scheduler: machine.scheduler,
      // A process never gives its predecessor's cids again.
      entropy: seededEntropy(plan.seed * 100 + life),
      requestTimeoutMs: plan.requestTimeoutMs,
      orderMaxAgeMs: plan.orderMaxAgeMs,
      resolveWithinMs: plan.resolveWithinMs,
      stalledAboveBytes: plan.stalledAboveBytes,
      maxQueued: plan.maxQueued,
    })
    const { status$, protocolErrors$, unmatched$, latency$ } = this.gateway
    const clean = (what: string) => (value: unknown) => checks.noSecretIn(what, JSON.stringify(value))
    this.#running.add(
      status$.subscribe((status) => {
        clean('status$')(status)
        if (!machine.dead)
          note(`client ${life}`, status._tag === 'Lost' ? `Lost: ${status.cause.error.message}` : status._tag)
        if (status._tag === 'Lost') for (const strategy of this.strategies.values()) strategy.lost()
      }),
    )
    this.#running.add(
      protocolErrors$.subscribe(({ error, platform }) => {
        clean('protocolErrors$')({ error, platform, message: error.message })
      }),
    )
    this.#running.add(unmatched$.subscribe(clean('unmatched$')))
    this.#running.add(latency$.subscribe())
    for (const venue of venues) {
      const strategy = new Strategy({
        venue,
        machine,
        dice: dice.fork(`strategy ${venue.name} ${life}`),
        checks,
        hits,
        orderMaxAgeMs: plan.orderMaxAgeMs,
        habits: plan.habits,
        sweeps: plan.sweeps,
        sweepDice: dice.fork(`sweeps ${venue.name} ${life}`),
        note: (what) => note(`client ${life}`, what),
        nextOrderNumber,
      })
      this.strategies.set(venue, strategy)
      this.login(venue)
    }
  }

  /** Logs in, and again whenever that ends or fails: strategies are run by people who insist. */
  login(venue: Venue): void {
    if (this.#logins.get(venue)?.closed === false) return
    const { plan, checks, hits, journals, journalFails, note } = this.#options
    const { machine } = this
    const journal = journals.get(venue)
    const strategy = this.strategies.get(venue)
    const onPlaced = (cid: string, order_no: string): void => strategy?.watch?.proven(cid, order_no)
    const loginOptions: LoginOptions = {
      exclusiveAccount: plan.exclusiveAccount,
      cancelOnDisconnect: plan.cancelOnDisconnect,
      ...(plan.resyncEveryMs === undefined ? {} : { resyncEveryMs: plan.resyncEveryMs }),
      ...(journal === undefined ? {} : { journal: journal.of(machine, journalFails, onPlaced) }),
    }
    const credentials = {
      platform: venue.name,
      symbols: [...plan.symbols],
      access_key: keys.access,
      secret_key: keys.secret,
    }
    const login$ = defer(() => this.gateway.login(credentials, loginOptions)).pipe(
      retry({
        delay: (error: unknown) => {
          const { reason, message } = error as LoginFailed
          checks.noSecretIn('LoginFailed', `${message} ${JSON.stringify(error)}`)
          hits.came(`login failed (${reason})`)
          note(`client ${this.life}`, message)
          checks.loginLeft(venue.name)
          return timer(1_500, machine.scheduler)
        },
      }),
      repeat({ delay: () => timer(1_500, machine.scheduler) }),
    )
    this.#logins.set(
      venue,
      login$.subscribe((account) => {
        if (strategy === undefined || machine.dead) return
        note(`client ${this.life}`, `Account on ${venue.name}`)
        checks.loggedIn(venue.name)
        strategy.watch = new AccountWatch(account, venue, machine, checks, () => this.#options.base.now())
      }),
    )
  }

  leave(venue: Venue): void {
    this.#logins.get(venue)?.unsubscribe()
    this.#options.checks.loginLeft(venue.name)
  }

  /** Leaves everything, as a program that ends by itself. */
  end(): void {
    for (const venue of this.#logins.keys()) this.leave(venue)
  }

  kill(): void {
    this.machine.kill()
    for (const strategy of this.strategies.values()) strategy.died()
    for (const venue of this.#logins.keys()) this.#options.checks.loginLeft(venue.name)
  }
}
