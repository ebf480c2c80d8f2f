import { merge, Subject } from 'rxjs'
import { type GatewayEvent, paperPlatforms, serve } from '../../src/gateway/index.js'
import { VirtualScheduler, virtualClock } from '../../src/time/index.js'
import { type Connection, ConnectionClosed, memoryPair, type Message } from '../../src/transport/index.js'

/** A client's end in memory: what comes back for a frame is there when `send` returns. */
export interface MemoryClient {
  send(frame: Message): readonly string[]
  /** The code with which the connection ended, once it has. */
  closed(): number | undefined
  hangUp(): void
}

/** A paper gateway in this process and in virtual time. */
export class MemoryGateway {
  readonly scheduler = new VirtualScheduler()
  readonly clock = virtualClock(this.scheduler)
  readonly platforms = paperPlatforms({ market: 'none', seed: 1, scheduler: this.scheduler, clock: this.clock })
  readonly faults: Extract<GatewayEvent, { type: 'fault' }>[] = []
  readonly #connection$ = new Subject<Connection>()
  readonly #serving = serve(this.#connection$, {
    platforms: this.platforms,
    scheduler: this.scheduler,
    clock: this.clock,
  }).subscribe((event) => {
    if (event.type === 'fault') this.faults.push(event)
  })

  connect(): MemoryClient {
    const [mine, theirs] = memoryPair({ scheduler: this.scheduler })
    // The pair carries texts only; a socket brings bytes as well.
    const bytes$ = new Subject<Message>()
    const withBytes: Connection = {
      message$: merge(theirs.message$, bytes$),
      get bufferedAmount() {
        return theirs.bufferedAmount
      },
      send: (text) => theirs.send(text),
      close: (code, reason) => theirs.close(code, reason),
      abandon: () => theirs.abandon(),
    }
    let inbox: string[] = []
    let closed: number | undefined
    mine.message$.subscribe({
      next: (message) => inbox.push(String(message)),
      error: (error: unknown) => (closed = error instanceof ConnectionClosed ? error.code : 1006),
      complete: () => (closed ??= 1000),
    })
    this.#connection$.next(withBytes)
    this.scheduler.advanceBy(0)
    return {
      send: (frame) => {
        inbox = []
        if (typeof frame === 'string') mine.send(frame)
        else bytes$.next(frame)
        this.scheduler.advanceBy(0)
        return inbox
      },
      closed: () => closed,
      hangUp: () => mine.abandon(),
    }
  }

  stop(): void {
    this.#serving.unsubscribe()
    this.scheduler.advanceBy(0)
  }
}
