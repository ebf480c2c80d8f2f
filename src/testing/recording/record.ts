import { type MonoTypeOperatorFunction, Observable, tap } from 'rxjs'
import type { Clock } from '../../time/index.js'
import { type Connection, ConnectionClosed, type Message, systemClock } from '../../transport/index.js'
import { Redaction } from './redaction.js'

/** One line of a recording. `t` is in ms since the recording began. */
export type RecordLine =
  | {
      readonly t: number
      readonly connection: number
      readonly direction: 'in' | 'out'
      /** The frame, keys and tokens taken out. */
      readonly frame: unknown
    }
  | {
      readonly t: number
      readonly connection: number
      readonly direction: 'in' | 'out'
      /**
       * Length of a message that is not JSON. Its text is not recorded, because it may hold
       * secrets.
       */
      readonly unreadable: number
    }
  | {
      readonly t: number
      readonly connection: number
      readonly event: 'dialled'
    }
  | {
      readonly t: number
      readonly connection: number
      readonly event: 'opened'
    }
  | {
      readonly t: number
      readonly connection: number
      readonly event: 'ended'
      readonly by: 'us' | 'them'
      readonly code?: number
      readonly reason?: string
    }

/** Settings of {@link record}. */
export interface RecordOptions {
  /** Source of `t`. @default the machine's clocks */
  readonly clock?: Clock
}

/**
 * Writes down all that passes over a transport, line by line as JSON: what was sent and received,
 * when, over which connection. Keys and tokens are never written. What passes is not changed; if
 * `write` throws, the recording ends and the connection goes on.
 *
 * ```ts
 * const file = createWriteStream('session.jsonl')
 * connect(webSocket(url).pipe(record((line) => file.write(`${line}\n`))))
 * ```
 */
export const record = (
  write: (line: string) => void,
  { clock = systemClock }: RecordOptions = {},
): MonoTypeOperatorFunction<Connection> => {
  const redaction = new Redaction()
  const start = clock.monotonic()
  let connections = 0
  let broken = false
  const line = (it: Record<string, unknown>) => {
    if (broken) return
    try {
      write(JSON.stringify({ t: Number((clock.monotonic() - start).toFixed(3)), ...it }))
    } catch {
      // A full disk must not cost an order its reply.
      broken = true
    }
  }
  return (transport) =>
    new Observable((subscriber) => {
      const connection = ++connections
      let ended = false
      const end = (by: 'us' | 'them', error?: unknown) => {
        if (ended) return
        ended = true
        const told =
          error instanceof ConnectionClosed ? { code: error.code, reason: redaction.reason(error.reason) } : {}
        line({ connection, event: 'ended', by, ...told })
      }
      const frame = (direction: 'in' | 'out', message: Message) => {
        const read = typeof message === 'string' ? redaction.frame(message) : undefined
        line(
          read === undefined
            ? { connection, direction, unreadable: message.length }
            : { connection, direction, frame: read },
        )
      }
      line({ connection, event: 'dialled' })
      subscriber.add(() => end('us'))
      subscriber.add(
        transport.subscribe({
          next: (inner) => {
            line({ connection, event: 'opened' })
            subscriber.next(recorded(inner, frame, end))
          },
          error: (error: unknown) => {
            end('them', error)
            subscriber.error(error)
          },
          complete: () => {
            end('us')
            subscriber.complete()
          },
        }),
      )
    })
}

const recorded = (
  inner: Connection,
  frame: (direction: 'in' | 'out', message: Message) => void,
  end: (by: 'us' | 'them', error?: unknown) => void,
): Connection => ({
  message$: inner.message$.pipe(
    tap({ next: (message) => frame('in', message), error: (error: unknown) => end('them', error) }),
  ),
  get bufferedAmount() {
    return inner.bufferedAmount
  },
  send: (text) => {
    const sent = inner.send(text)
    if (sent) frame('out', text)
    return sent
  },
  close: (code, reason) => {
    end('us')
    inner.close(code, reason)
  },
  abandon: () => {
    end('us')
    inner.abandon()
  },
})

/**
 * Reads a recording; lines that are none are passed over, so that one that was cut off at its end
 * can still be used.
 */
export const readRecording = (text: string): readonly RecordLine[] =>
  text.split('\n').flatMap((line): RecordLine[] => {
    try {
      const it = JSON.parse(line) as RecordLine | null
      return typeof it === 'object' && it !== null && typeof it.t === 'number' && typeof it.connection === 'number'
        ? [it]
        : []
    } catch {
      return []
    }
  })
