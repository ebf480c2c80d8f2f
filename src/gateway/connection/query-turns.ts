import { Observable, type SchedulerLike, Subscription } from 'rxjs'
import { scheduleOnce } from '../../time/index.js'

/** Cost of a query beside the characters of its answer: to look it up and to write it. */
const baseCost = 1_024
/**
 * Budget spent before the event loop reads its sockets again. Encoding a thousand orders overshoots
 * it by some milliseconds.
 */
const turnCost = 65_536
/** Budget of one connection before the next has its share. */
const shareCost = 16_384
/**
 * Queries of one connection that an exchange is asked at the same time: their answers may come in
 * one instant.
 */
const mostAsked = 16
/** After so long a connection that is not read is looked at again, in ms. */
const heldMs = 5

/** One connection's place among those that query. */
export interface Seat {
  /**
   * Subscribes to a query when its turn has come. Completes without an answer when the seat is
   * given up before.
   */
  inTurn<A>(query$: Observable<A>): Observable<A>
  /** Counts what an answer has cost, in characters. */
  charge(characters: number): void
  /** Gives up the seat, and all that waits for a turn. */
  leave(): void
}

/**
 * Shares the time for queries among connections: an answer may be a thousand times as long as its
 * question, and one client with hundreds of them under way would be the wait of all others.
 * Connections have their turns one after the other, each for the same number of characters (deficit
 * round robin), and between two turns the event loop reads its sockets: orders, cancels and pings
 * never wait here. A query that comes when nothing else waits is answered at once.
 */
export class QueryTurns {
  readonly #scheduler: SchedulerLike
  readonly #timers = new Subscription()
  /** Those with a query that can be asked now, in the order of their turns. */
  readonly #ring: Queue[] = []
  #spent = 0
  #isRunning = false
  /** Until the event loop has read its sockets. */
  #isResting = false
  /** A timer is set that looks again at those that are not being read. */
  #looksAgain = false

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler
  }

  /**
   * @param isHeld - whether the connection is not being read as fast as it is written: its queries
   * then wait
   */
  seat(isHeld: () => boolean): Seat {
    const queue = new Queue(isHeld, {
      ready: () => {
        this.#ring.push(queue)
        this.#run()
      },
      spent: (cost) => {
        this.#spent += cost
      },
    })
    return queue
  }

  /** Lets go of its timer. */
  close(): void {
    this.#timers.unsubscribe()
  }

  #run(): void {
    if (this.#isRunning || this.#isResting) return
    this.#isRunning = true
    try {
      this.#takeTurns()
    } finally {
      this.#isRunning = false
    }
    if (this.#spent >= turnCost) this.#rest()
    else if (this.#ring.length > 0) this.#lookAgain()
  }

  /** Until the turn is spent, or none that is left may be asked now. */
  #takeTurns(): void {
    let held = 0
    while (this.#spent < turnCost && held < this.#ring.length) {
      const queue = this.#ring.shift()
      const turn = queue?.turn() ?? 'nothing'
      if (queue !== undefined && turn !== 'nothing') this.#ring.push(queue)
      held = turn === 'held' ? held + 1 : 0
    }
  }

  #rest(): void {
    this.#isResting = true
    const goOn = (): void => {
      this.#isResting = false
      this.#spent = 0
      this.#run()
    }
    scheduleOnce(this.#timers, this.#scheduler, goOn)
  }

  #lookAgain(): void {
    if (this.#looksAgain) return
    this.#looksAgain = true
    const look = (): void => {
      this.#looksAgain = false
      this.#run()
    }
    scheduleOnce(this.#timers, this.#scheduler, look, heldMs)
  }
}

interface Turns {
  ready(): void
  spent(cost: number): void
}

class Queue implements Seat {
  readonly #isHeld: () => boolean
  readonly #turns: Turns
  readonly #waiting = new Set<{ readonly ask: () => void; readonly giveUp: () => void }>()
  #debt = 0
  #asked = 0
  #isInRing = false

  constructor(isHeld: () => boolean, turns: Turns) {
    this.#isHeld = isHeld
    this.#turns = turns
  }

  inTurn<A>(query$: Observable<A>): Observable<A> {
    return new Observable((subscriber) => {
      const done = (): void => {
        this.#asked--
        this.#enter()
      }
      const query = {
        ask: () => {
          this.#asked++
          subscriber.add(done)
          subscriber.add(query$.subscribe(subscriber))
        },
        giveUp: () => subscriber.complete(),
      }
      this.#waiting.add(query)
      subscriber.add(() => this.#waiting.delete(query))
      this.#enter()
    })
  }

  charge(characters: number): void {
    this.#debt += characters
    this.#turns.spent(characters)
  }

  leave(): void {
    for (const { giveUp } of this.#waiting) giveUp()
  }

  /**
   * Takes one step of the round: pays off a share of what was spent, or asks queries until the
   * share is spent.
   */
  turn(): 'something' | 'held' | 'nothing' {
    this.#debt = Math.max(0, this.#debt - shareCost)
    if (this.#debt === 0 && this.#canAsk && this.#isHeld()) return 'held'
    while (this.#debt < shareCost && this.#canAsk && !this.#isHeld()) this.#askNext()
    this.#isInRing = this.#canAsk
    return this.#isInRing ? 'something' : 'nothing'
  }

  get #canAsk(): boolean {
    return this.#waiting.size > 0 && this.#asked < mostAsked
  }

  #enter(): void {
    if (this.#isInRing || !this.#canAsk) return
    this.#isInRing = true
    this.#turns.ready()
  }

  #askNext(): void {
    for (const query of this.#waiting) {
      this.#waiting.delete(query)
      this.charge(baseCost)
      query.ask()
      return
    }
  }
}
