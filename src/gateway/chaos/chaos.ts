import { type SchedulerLike, Subscription } from 'rxjs'
import { type Clock, scheduleOnce, seededEntropy } from '../../time/index.js'
import type { Connection } from '../../transport/index.js'
import type { ExchangeAdapter } from '../adapter/exchange-adapter.js'
import type { GatewayEvent } from '../gateway-event.js'
import { ChaoticConnection, type Mischief } from './chaotic-connection.js'
import { isNotice, isReply, type Passing } from './frame-quirk.js'
import { frameQuirk } from './frame-quirks.js'
import { LoggedIn } from './repeat-login.js'
import { asList, Occasion } from './occasion.js'
import { ExchangeLine, overLine } from './outage.js'
import { checkChaos } from './read-chaos.js'
import { RepeatLogin } from './repeat-login.js'
import type { ChaosOptions, ChaosFault, ChaosFaultName } from './settings.js'
import { plainRequest } from './value-quirks.js'
import { nameOf, type WireFrame } from './wire-frame.js'

export interface ChaosParts {
  readonly clock: Clock
  readonly scheduler: SchedulerLike
  readonly tell: (event: GatewayEvent) => void
}

/** Something that may happen to a frame on its way out. */
interface OutRule {
  readonly quirk: ChaosFaultName
  readonly occasion: Occasion
  fits(frame: WireFrame): boolean
  strike(passing: Passing, connection: ChaoticConnection): readonly Passing[]
}

/** Something that may happen to a frame on its way in; undefined: it does not arrive. */
interface InRule {
  readonly quirk: ChaosFaultName
  readonly occasion: Occasion
  fits(frame: WireFrame, connection: ChaoticConnection): boolean
  strike(frame: WireFrame, connection: ChaoticConnection): WireFrame | undefined
}

/** All that one gateway does wrong on purpose, at its sockets and behind them. */
export class Chaos implements Mischief {
  readonly #parts: ChaosParts
  readonly #startedAt: number
  readonly #out: readonly OutRule[]
  readonly #in: readonly InRule[]
  readonly #outages: readonly { readonly quirk: ChaosFault<'exchange-outage'>; readonly occasion: Occasion }[]
  readonly #lines = new Map<string, ExchangeLine>()
  readonly #loggedIn = new Map<ChaoticConnection, LoggedIn>()
  readonly #repeat: { readonly occasion: Occasion; readonly accounts: RepeatLogin } | undefined

  /** @throws ChaosInvalid */
  constructor(options: ChaosOptions, parts: ChaosParts) {
    const { seed = 1, quirks } = checkChaos(options)
    this.#parts = parts
    this.#startedAt = parts.clock.monotonic()
    // Dice of its own for each: one more quirk must not make the others fall otherwise.
    const all = quirks.map((quirk, nth) => ({
      quirk,
      occasion: new Occasion(quirk, seededEntropy(seed * 1_000 + nth)),
    }))
    this.#out = all.flatMap(({ quirk, occasion }) => {
      const rule = outRule(quirk)
      return rule === undefined ? [] : [{ quirk: quirk.quirk, occasion, ...rule }]
    })
    this.#in = all.flatMap(({ quirk, occasion }) => {
      const rule = inRule(quirk)
      return rule === undefined ? [] : [{ quirk: quirk.quirk, occasion, ...rule }]
    })
    this.#outages = all.flatMap(({ quirk, occasion }) =>
      quirk.quirk === 'exchange-outage' ? [{ quirk, occasion }] : [],
    )
    for (const { quirk, occasion } of all)
      if (quirk.quirk === 'repeat-login') this.#repeat = { occasion, accounts: new RepeatLogin(quirk.forMs) }
  }

  /** Exchanges behind lines that fall. */
  platforms(platforms: ReadonlyMap<string, ExchangeAdapter>): ReadonlyMap<string, ExchangeAdapter> {
    if (this.#outages.length === 0) return platforms
    return new Map(
      Array.from(platforms, ([platform, exchange]) => {
        const line = new ExchangeLine(this.#parts.scheduler)
        this.#lines.set(platform, line)
        return [platform, overLine(exchange, line, () => this.#outageAtCommand(platform))]
      }),
    )
  }

  /** A connection on which things go wrong. */
  connection(connection: Connection, id: number): Connection {
    const chaotic = new ChaoticConnection(id, connection, this, this.#parts.scheduler)
    this.#loggedIn.set(chaotic, new LoggedIn())
    return chaotic
  }

  /** Starts the quirks that act at a time of their own, with or without clients. */
  start(): Subscription {
    const timers = new Subscription()
    for (const { quirk } of this.#outages) {
      for (const atMs of asList(quirk.atMs)) {
        const drop = (): void => {
          for (const [platform, line] of this.#lines) {
            if (!concerns(quirk, platform)) continue
            this.#parts.tell({ type: 'chaos', quirk: 'exchange-outage', what: platform })
            line.drop(quirk)
          }
        }
        scheduleOnce(timers, this.#parts.scheduler, drop, atMs)
      }
    }
    return timers
  }

  out(frame: WireFrame, connection: ChaoticConnection): readonly Passing[] {
    if (frame.cid === ofOurOwn) return []
    this.#loggedIn.get(connection)?.reply(frame)
    let passing: readonly Passing[] = [{ frame, afterMs: 0 }]
    for (const rule of this.#out) {
      passing = passing.flatMap((each) =>
        rule.fits(each.frame) && this.#strikes(rule, each.frame, connection) ? rule.strike(each, connection) : [each],
      )
    }
    return passing
  }

  in(frame: WireFrame, connection: ChaoticConnection): WireFrame | undefined {
    let arriving: WireFrame | undefined = frame
    for (const rule of this.#in) {
      if (arriving === undefined) return undefined
      if (rule.fits(arriving, connection) && this.#strikes(rule, arriving, connection))
        arriving = rule.strike(arriving, connection)
    }
    if (arriving?.op === 'login' && this.#isStillRegistered(arriving)) {
      this.#tell('repeat-login', arriving, connection)
      connection.refuse(arriving, 'Do not log in repeat')
      return undefined
    }
    if (arriving !== undefined) this.#loggedIn.get(connection)?.request(arriving)
    return arriving
  }

  ended(connection: ChaoticConnection): void {
    const accounts = this.#loggedIn.get(connection)?.accounts ?? []
    this.#loggedIn.delete(connection)
    if (this.#repeat === undefined || accounts.length === 0) return
    if (this.#repeat.occasion.strikes(this.#sinceMs)) this.#repeat.accounts.lost(accounts, this.#sinceMs)
  }

  get #sinceMs(): number {
    return this.#parts.clock.monotonic() - this.#startedAt
  }

  #isStillRegistered(login: WireFrame): boolean {
    return this.#repeat?.accounts.isRegistered(RepeatLogin.accountOf(login), this.#sinceMs) ?? false
  }

  #strikes({ occasion, quirk }: OutRule | InRule, frame: WireFrame, connection: ChaoticConnection): boolean {
    if (!occasion.strikes(this.#sinceMs)) return false
    // That a server has no extensions is no event.
    if (quirk !== 'plain') this.#tell(quirk, frame, connection)
    return true
  }

  #outageAtCommand(platform: string): ChaosFault<'exchange-outage'> | undefined {
    for (const { quirk, occasion } of this.#outages) {
      if (quirk.atMs !== undefined || !concerns(quirk, platform) || !occasion.strikes(this.#sinceMs)) continue
      this.#parts.tell({ type: 'chaos', quirk: 'exchange-outage', what: platform })
      return quirk
    }
    return undefined
  }

  #tell(quirk: ChaosFaultName, frame: WireFrame, { id }: ChaoticConnection): void {
    this.#parts.tell({ type: 'chaos', quirk, what: nameOf(frame), connection: id })
  }
}

/** The cid of requests that no client has made; their replies are dropped. */
const ofOurOwn = 'a request of chaos itself'

const concerns = ({ platform }: ChaosFault<'exchange-outage'>, name: string): boolean =>
  platform === undefined || platform === name

const outRule = (quirk: ChaosFault): Pick<OutRule, 'fits' | 'strike'> | undefined => {
  switch (quirk.quirk) {
    case 'connection-cut': {
      const { op, topic } = quirk
      return {
        fits: (frame) =>
          (op === undefined && topic === undefined) ||
          (op !== undefined && isReply(frame, op)) ||
          (topic !== undefined && isNotice(frame, topic)),
        strike: (_, connection) => {
          connection.abandon()
          return []
        },
      }
    }
    case 'connection-mute': {
      const { direction = 'both', forMs = Infinity } = quirk
      return {
        fits: () => true,
        strike: (passing, connection) => {
          connection.mute(direction, forMs)
          return [passing]
        },
      }
    }
    default:
      return frameQuirk(quirk)
  }
}

const inRule = (quirk: ChaosFault): Pick<InRule, 'fits' | 'strike'> | undefined => {
  switch (quirk.quirk) {
    case 'request-lost':
      return {
        fits: (frame) => (quirk.op === undefined ? isReply(frame) : asList(quirk.op).some((op) => op === frame.op)),
        strike: () => undefined,
      }
    case 'token-invalid':
      return {
        fits: (frame) => isReply(frame, quirk.op),
        strike: (frame, connection) => {
          connection.refuse(frame, 'Invalid token')
          // A server that does not know the token any more does not count its account as logged in
          // either.
          return { op: 'logout', cid: ofOurOwn, token: frame.token }
        },
      }
    case 'plain':
      return { fits: () => true, strike: plainRequest }
    default:
      return undefined
  }
}
