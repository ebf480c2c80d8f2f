import { CloseCode } from '../close-code.js'
import { EventLoopLag } from './event-loop-lag.js'
import type { ExchangeAdapter } from '../adapter/exchange-adapter.js'
import type { GatewayEvent } from '../gateway-event.js'
import { type Metric, metricText, type Sample } from './metric-text.js'
import type { Traffic } from '../connection/traffic.js'

/** Counts by a word. A Map, though every word is the gateway's own: it costs nothing to be sure. */
class Tally {
  readonly #counts = new Map<string, number>()

  constructor(...known: readonly string[]) {
    // From the start: what was never seen is 0, not absent, or a first increase cannot be seen.
    for (const word of known) this.#counts.set(word, 0)
  }

  add(word: string, amount = 1): void {
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + amount)
  }

  samples(label: string): Sample[] {
    return [...this.#counts].map(([word, value]) => ({ labels: { [label]: word }, value }))
  }
}

const one = (value: number): Sample[] => [{ value }]

/**
 * Counters of a gateway in the format of Prometheus. Labels come from closed lists and the names of
 * platforms, so a client can raise values but not add series.
 */
export class Metrics {
  readonly #traffic: Traffic
  readonly #startedAt = performance.now()
  readonly #lag = new EventLoopLag()
  readonly #refused = new Tally('origin', 'host', 'path', 'full')
  readonly #closed = new Tally(...Object.values(CloseCode).map(String))
  readonly #logins: Tally
  readonly #loginsStarted: Tally
  readonly #loginsRefused = new Tally('platform', 'limit', 'repeat', 'exchange')
  readonly #badFrames = new Tally('binary', 'json', 'depth', 'op', 'shape')
  /** 1 for each platform whose journal cannot be written, 0 for the others that have one. */
  readonly #journals = new Map<string, 0 | 1>()
  /** Only what was seen: on a gateway without chaos there is nothing to count from 0 on. */
  readonly #chaos = new Tally()
  #connections = 0
  #connectionsMade = 0
  #slowReaders = 0
  #faults = 0

  constructor(traffic: Traffic, platforms: ReadonlyMap<string, Pick<ExchangeAdapter, 'journal'>>) {
    const names = [...platforms.keys()]
    for (const [name, { journal }] of platforms) if (journal !== undefined) this.#journals.set(name, 0)
    this.#traffic = traffic
    this.#logins = new Tally(...names)
    this.#loginsStarted = new Tally(...names)
    this.#lag.start()
  }

  /** Lets go of what measures. */
  stop(): void {
    this.#lag.stop()
  }

  take(event: GatewayEvent): void {
    switch (event.type) {
      case 'listening':
        break
      case 'turned-away':
        this.#refused.add(event.why)
        break
      case 'connected':
        this.#connections++
        this.#connectionsMade++
        break
      case 'disconnected':
        this.#connections--
        if (event.code !== undefined) this.#closed.add(String(event.code))
        if (event.code === CloseCode.SLOW_READER) this.#slowReaders++
        break
      case 'login':
        this.#logins.add(event.platform)
        this.#loginsStarted.add(event.platform)
        break
      case 'login-refused':
        this.#loginsRefused.add(event.why)
        break
      case 'logout':
        this.#logins.add(event.platform, -1)
        break
      case 'bad-frame':
        this.#badFrames.add(event.why)
        break
      case 'fault':
        this.#faults++
        break
      case 'journal':
        this.#journals.set(event.platform, event.state === 'failed' ? 1 : 0)
        break
      case 'chaos':
        this.#chaos.add(event.quirk)
    }
  }

  /** Platforms whose journal cannot be written now: their orders are refused. */
  get failing(): readonly string[] {
    return Array.from(this.#journals).flatMap(([platform, failed]) => (failed === 1 ? [platform] : []))
  }

  /** Everything in the text format of Prometheus. */
  text(): string {
    const { received, sent, sentCharacters, orders, fills } = this.#traffic
    const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
      ...{ name: `rxquant_${name}_total`, type: 'counter', help, samples },
    })
    const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
      ...{ name, type: 'gauge', help, samples },
    })
    const uptime = (performance.now() - this.#startedAt) / 1_000
    return metricText([
      gauge('rxquant_uptime_seconds', 'How long this gateway has been up.', one(uptime)),
      gauge('rxquant_connections', 'Connections that are open.', one(this.#connections)),
      counter('connections', 'Connections that were accepted.', one(this.#connectionsMade)),
      counter(
        'connections_closed',
        'Connections that the gateway closed, by close code.',
        this.#closed.samples('code'),
      ),
      counter('slow_readers_cut', 'Connections closed because what was sent was not read.', one(this.#slowReaders)),
      counter(
        'requests_refused',
        'HTTP requests and upgrades turned away, by reason.',
        this.#refused.samples('reason'),
      ),
      gauge('rxquant_logins', 'Logins that are there, by platform.', this.#logins.samples('platform')),
      counter('logins', 'Logins that were accepted, by platform.', this.#loginsStarted.samples('platform')),
      counter('logins_refused', 'Logins that were refused, by reason.', this.#loginsRefused.samples('reason')),
      counter('messages_received', 'Messages that clients sent.', one(received)),
      counter('messages_sent', 'Messages sent to clients.', one(sent)),
      counter('sent_characters', 'Characters in messages sent to clients.', one(sentCharacters)),
      counter('bad_frames', 'Frames that could not be read, by what is wrong.', this.#badFrames.samples('reason')),
      counter(
        'orders',
        'Replies to place_order, by outcome; a cid that is sent again is answered again.',
        Object.entries(orders).map(([outcome, value]) => ({ labels: { outcome }, value })),
      ),
      counter('fills', 'Fill notices told, those told again to a login that was away included.', one(fills)),
      counter('faults', 'Errors that were kept from clients.', one(this.#faults)),
      gauge(
        'rxquant_journal_failed',
        '1 while the journal of a platform cannot be written and its orders are refused.',
        Array.from(this.#journals, ([platform, value]) => ({ labels: { platform }, value })),
      ),
      counter('chaos', 'What was done wrong on purpose, by quirk.', this.#chaos.samples('quirk')),
      {
        name: 'rxquant_event_loop_lag_seconds',
        type: 'histogram',
        help: 'How late timers of the process are.',
        samples: this.#lag.samples,
      },
      gauge('process_resident_memory_bytes', 'Resident memory of the process.', one(process.memoryUsage.rss())),
      {
        name: 'process_cpu_seconds_total',
        type: 'counter',
        help: 'CPU time of the process.',
        samples: one((process.cpuUsage().user + process.cpuUsage().system) / 1e6),
      },
    ])
  }
}
