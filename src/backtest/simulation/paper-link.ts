import { Observable, Subject } from 'rxjs'
import { type Limits, type PaperPlatform, serve } from '../../gateway/index.js'
import { type Connection, ConnectionClosed, memoryPair, type Transport } from '../../transport/index.js'
import type { Clock, VirtualScheduler } from '../../time/index.js'

/** Parts that a link connects, and their settings. */
export interface PaperLinkContext {
  readonly platforms: ReadonlyMap<string, PaperPlatform>
  readonly scheduler: VirtualScheduler
  readonly clock: Clock
  readonly limits: Partial<Limits>
  /** Delay of each frame, in ms. */
  readonly delayMs: number
}

/** Link between a client and a gateway. */
export interface PaperLink {
  readonly transport: Transport
  /** Drops every connection. */
  drop(): void
  /** Ends the gateway. */
  close(): void
}

const ABNORMAL = 1006

/** A gateway in the same process, reached over memory; each frame takes its time. */
export const memoryLink = ({ platforms, scheduler, clock, limits, delayMs }: PaperLinkContext): PaperLink => {
  const connection$ = new Subject<Connection>()
  const drops = new Set<() => void>()
  const serving = serve(connection$, { platforms, scheduler, clock, limits }).subscribe({
    // What the gateway tells is for logs; that it fails would be a fault of the kit.
    error: (error: unknown) => {
      throw error
    },
  })
  const transport: Transport = new Observable((client) => {
    const [mine, theirs] = memoryPair({ scheduler, delayMs })
    connection$.next(theirs)
    const dialling = scheduler.schedule(() => client.next(mine), delayMs)
    const fall = () => {
      mine.abandon()
      client.error(new ConnectionClosed('open', ABNORMAL, ''))
    }
    drops.add(fall)
    return () => {
      drops.delete(fall)
      dialling.unsubscribe()
      mine.abandon()
    }
  })
  return {
    transport,
    drop: () => {
      const falling = [...drops]
      drops.clear()
      for (const fall of falling) fall()
    },
    close: () => serving.unsubscribe(),
  }
}
