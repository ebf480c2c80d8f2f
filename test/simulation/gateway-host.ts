import { Subject, type Subscription } from 'rxjs'
import { type ExchangeAdapter, type GatewayEvent, type NewOrder, serve } from '../../src/gateway/index.js'
import type { VirtualScheduler } from '../../src/time/index.js'
import type { Connection } from '../../src/transport/index.js'
import type { Dice } from './dice.js'
import { SimulatedDisk, type WriteFate } from './disk.js'
import { type ExchangeTroubles, flakyExchange } from './flaky-exchange.js'
import type { Hits } from './hits.js'
import { Machine } from './machine.js'
import type { Venue } from './venue.js'

export interface GatewayOptions {
  readonly base: VirtualScheduler
  readonly venues: readonly Venue[]
  readonly dice: Dice
  readonly hits: Hits
  readonly troubles: () => ExchangeTroubles
  readonly pendingBytes: number
  readonly afterAccepted: () => void
  readonly onLost: () => void
  readonly onCopied: (venue: Venue, order: NewOrder, order_no: string) => void
  readonly mayBeCopied: (venue: Venue, order: NewOrder) => boolean
  readonly onEvent: (event: GatewayEvent) => void
  readonly writeFate: () => WriteFate
}

/** One life of a gateway process: the real one, in virtual time. */
export class GatewayProcess {
  readonly machine: Machine
  readonly #base: VirtualScheduler
  readonly #venues: readonly Venue[]
  readonly #connection$ = new Subject<Connection>()
  readonly #serving: Subscription

  constructor(life: number, options: GatewayOptions, predecessor?: GatewayProcess) {
    const { base, venues, dice, hits, troubles, pendingBytes, afterAccepted, onLost, onEvent, writeFate } = options
    this.#base = base
    this.#venues = venues
    const machine = (this.machine = new Machine(`gateway ${life}`, base, predecessor?.machine))
    const disk = new SimulatedDisk(machine, writeFate)
    const interfaceOf = (venue: Venue): ExchangeAdapter => {
      const platform = venue.start(machine, disk)
      if (!venue.isInside) {
        return flakyExchange({
          venue,
          machine,
          scheduler: base,
          dice: dice.fork(`exchange ${venue.name} ${life}`),
          troubles,
          hits,
          onLost,
          afterAccepted,
          mayBeCopied: (order) => options.mayBeCopied(venue, order),
          onCopied: (order, order_no) => options.onCopied(venue, order, order_no),
        })
      }
      // The market goes on by our hand, with a gateway or without.
      const { background$: _, ...rest } = platform
      return rest
    }
    const platforms = new Map(venues.map((venue) => [venue.name, interfaceOf(venue)]))
    let tokens = 0
    this.#serving = serve(this.#connection$, {
      platforms,
      clock: machine.clock,
      scheduler: machine.scheduler,
      limits: { pendingBytes },
      // The first is the epoch, which is no secret.
      newToken: () => (tokens++ === 0 ? `epoch-${life}` : `tok-sim-${life}-${tokens}`),
    }).subscribe(onEvent)
  }

  accept(connection: Connection): void {
    this.#connection$.next(connection)
  }

  /** kill -9. */
  kill(): void {
    this.machine.kill()
    // Not inside whatever of it is on the stack now.
    this.#base.schedule(() => this.#gone())
  }

  /** SIGTERM: it says goodbye. */
  shutDown(): void {
    this.#serving.unsubscribe()
    this.machine.kill()
    for (const venue of this.#venues) venue.stop()
  }

  #gone(): void {
    for (const venue of this.#venues) venue.stop()
    this.#serving.unsubscribe()
  }
}
