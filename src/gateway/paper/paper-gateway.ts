import { type Observable, Subject } from 'rxjs'
import type { GatewayEvent } from '../gateway-event.js'
import { EventStream } from '../http/event-stream.js'
import { type ListenOptions, startServer } from '../http/listen.js'
import { marketStartOf } from './market-source.js'
import { closeAll, type PaperOptions, type PaperPlatform, paperPlatforms } from './paper-platforms.js'

export interface PaperGatewayOptions extends PaperOptions, Omit<ListenOptions, 'platforms' | 'clock' | 'scheduler'> {}

/**
 * A gateway with paper exchanges behind it, over WebSockets. Subscribing starts it with empty
 * accounts, or those of its journal, unsubscribing stops it and lets go of the journal; the first
 * event is `listening`, with the URL.
 *
 * @example
 * ```ts
 * paperGateway({ port: 9878 }).subscribe((event) => console.log(event))
 * ```
 */
export const paperGateway = (options: PaperGatewayOptions = {}): Observable<GatewayEvent> =>
  new EventStream(
    (subscriber) => {
      const platforms = paperPlatforms(options)
      const server = startServer({ ...options, platforms }, subscriber)
      return () => {
        void server.stop()
        closeAll(platforms)
      }
    },
    { canFail: true },
  )

/** A paper gateway that listens. */
export interface RunningPaperGateway {
  /** Address for clients, such as `ws://127.0.0.1:9878/ws/v1`. */
  readonly url: string
  readonly port: number
  /** Its exchanges, by platform. */
  readonly platforms: ReadonlyMap<string, PaperPlatform>
  /**
   * Events from now on, preceded by the journals that cannot be written at present. A subscriber
   * that throws harms no other: a warning tells of it (`process.emitWarning`), and it goes on
   * receiving.
   */
  readonly event$: Observable<GatewayEvent>
  /**
   * Closes every connection with 1001 and stops listening; resolves when the last socket is gone.
   */
  close(): Promise<void>
}

/**
 * {@link paperGateway} for those who await rather than subscribe: resolves when it listens, rejects
 * when it cannot.
 *
 * @example
 * ```ts
 * const gateway = await startPaperGateway({ port: 0 })
 * connect(gateway.url)
 * await gateway.close()
 * ```
 */
export const startPaperGateway = async (options: PaperGatewayOptions = {}): Promise<RunningPaperGateway> => {
  const marketStartMs = await marketStartOf(options)
  return startGateway(marketStartMs === undefined ? options : { ...options, marketStartMs })
}

const startGateway = (options: PaperGatewayOptions): Promise<RunningPaperGateway> =>
  new Promise((resolve, reject) => {
    const platforms = paperPlatforms(options)
    const event$ = new Subject<GatewayEvent>()
    /**
     * Journals that cannot be written, since one may fail before the first subscriber of the
     * events.
     */
    const failing = new Map<string, GatewayEvent>()
    const server = startServer(
      { ...options, platforms },
      {
        next: (event) => {
          if (event.type === 'journal') {
            if (event.state === 'failed') failing.set(event.platform, event)
            else failing.delete(event.platform)
          }
          event$.next(event)
          if (event.type !== 'listening') return
          resolve({
            url: event.url,
            port: event.port,
            platforms,
            event$: new EventStream((subscriber) => {
              for (const failure of failing.values()) subscriber.next(failure)
              return event$.subscribe(subscriber)
            }),
            close: async () => {
              await server.stop()
              closeAll(platforms)
            },
          })
        },
        error: (error: Error) => {
          // Releases their journals, so that another attempt finds them unlocked.
          closeAll(platforms)
          reject(error)
        },
        complete: () => undefined,
      },
    )
  })
