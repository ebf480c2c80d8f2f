import { Dice } from './dice.js'
import type { ExchangeTroubles } from './flaky-exchange.js'
import type { Home } from './venue.js'
import { noQuirks, type QuirkRates } from './quirks.js'

/** Faults that strike by the clock. */
export const strikes = [
  'reset',
  'cut at a byte',
  'half-open: the server is not told',
  'half-open: the client is not told',
  'black hole both ways',
  'black hole up',
  'black hole down',
  'server stops reading',
  'client stops reading',
  'client stopped',
  'client suspended',
  'gateway stopped',
  'gateway suspended',
  'client wall clock jumps',
  'gateway wall clock jumps',
  'gateway killed',
  'gateway shut down',
  'client killed',
  'dialling refused',
  'dialling swallowed',
  'accept then close',
  'exchange lost',
  'token void',
  'login left and taken again',
] as const
export type Strike = (typeof strikes)[number]

/** Moments at which a fault may be aimed. */
export const moments = [
  'place_order about to be written',
  'place_order reaches the gateway',
  'gateway journal about to be written',
  'place_order about to be replied',
  'place_order written',
  'place_order at the gateway',
  'place_order accepted by the exchange',
  'place_order replied',
  'place_order reply heard',
  'cancel_order written',
  'open_orders written',
  'login written',
  'login at the gateway',
  'login reply heard',
  'READY heard',
  'intent in the journal',
] as const
export type Moment = (typeof moments)[number]

/** Everything about a run that its seed decides beforehand. */
export interface Plan {
  readonly seed: number
  readonly activeMs: number
  readonly commands: number
  readonly platforms: number
  readonly home: Home
  /** Share of writes to the gateway's journal that the disk has no room for. */
  readonly diskFull: number
  readonly journal: boolean
  readonly soleTrader: boolean
  /** Somebody else trades the same account. */
  readonly stranger: boolean
  readonly cancelOnDisconnect: boolean
  readonly resyncEveryMs: number | undefined
  readonly requestTimeoutMs: number
  readonly orderMaxAgeMs: number
  readonly settleWithinMs: number
  readonly stalledAboveBytes: number
  readonly maxQueued: number
  readonly latencyMs: number
  readonly jitterMs: number
  /** How often each strikes, a minute. */
  readonly strikes: Readonly<Partial<Record<Strike, number>>>
  /** The share of such moments at which a fault is aimed. */
  readonly moments: Readonly<Partial<Record<Moment, number>>>
  readonly quirks: QuirkRates
  readonly exchange: ExchangeTroubles
}

const perfectExchange: ExchangeTroubles = { callMs: 0, noticeMs: 0, lostThere: 0, lostBack: 0, fails: 0 }
export const quietExchange: ExchangeTroubles = { ...perfectExchange, callMs: 5, noticeMs: 5 }

export const planOf = (seed: number): Plan => {
  const dice = new Dice(seed).fork('plan')
  const perfect = dice.chance(0.03)
  /** A few kinds of trouble in each run, rather than all of them a little (swarm testing). */
  const some = (share: number, low: number, high: number): number =>
    !perfect && dice.chance(share) ? dice.between(low, high) : 0

  const strikesOf: Partial<Record<Strike, number>> = {}
  for (const strike of strikes) {
    const rate = some(0.14, 0.7, 4)
    if (rate > 0) strikesOf[strike] = rate
  }
  const momentsOf: Partial<Record<Moment, number>> = {}
  for (const moment of moments) {
    const rate = some(0.12, 0.05, 0.4)
    if (rate > 0) momentsOf[moment] = rate
  }
  const home = dice.weighted<Home>({ remote: 45, 'remote, cids': 15, journal: 30, memory: 10 })
  /** Our own gateway tells every notice once, in order, numbered; its replies may come in any order. */
  const isOurs = home === 'journal' || home === 'memory'
  const quirky = !perfect && dice.chance(0.7)
  const quirk = (share: number, low: number, high: number): number => (quirky ? some(share, low, high) : 0)
  const theirs = (share: number, low: number, high: number): number => (isOurs ? 0 : quirk(share, low, high))
  const quirks: QuirkRates = quirky
    ? {
        plain: home === 'remote' && dice.chance(0.75),
        silentCancel: !isOurs && dice.chance(0.3),
        loseReply: quirk(0.2, 0.02, 0.2),
        lateReply: quirk(0.2, 0.02, 0.2),
        slowReply: quirk(0.3, 0.05, 0.6),
        repeatReply: quirk(0.2, 0.05, 0.3),
        unsureReply: theirs(0.2, 0.05, 0.3),
        badReply: theirs(0.15, 0.02, 0.15),
        loseLoginReply: quirk(0.1, 0.1, 0.4),
        lateLoginReply: quirk(0.25, 0.2, 1),
        loseNotice: theirs(0.15, 0.02, 0.2),
        slowNotice: theirs(0.3, 0.05, 0.5),
        repeatNotice: theirs(0.3, 0.05, 0.5),
        oldNotice: theirs(0.25, 0.1, 0.5),
        badNotice: theirs(0.15, 0.02, 0.15),
        canceledFirst: theirs(0.25, 0.2, 1),
        partialAssets: theirs(0.3, 0.2, 1),
        garbage: quirk(0.15, 0.02, 0.1),
        tellsKeys: quirk(0.15, 0.2, 1),
      }
    : noQuirks
  const soleTrader = dice.chance(0.35)
  return {
    seed,
    activeMs: dice.int(15_000, 75_000),
    commands: dice.int(8, 32),
    platforms: dice.chance(0.25) ? 2 : 1,
    home,
    diskFull: home === 'journal' ? some(0.15, 0.005, 0.05) : 0,
    journal: dice.chance(0.9),
    soleTrader,
    stranger: !soleTrader && dice.chance(0.3),
    cancelOnDisconnect: dice.chance(0.1),
    // Where notices are lost without a word, only looking again shows it.
    resyncEveryMs:
      quirks.loseNotice + quirks.loseReply > 0 || dice.chance(0.1) ? dice.between(4_000, 15_000) : undefined,
    requestTimeoutMs: dice.chance(0.6) ? 10_000 : dice.between(1_500, 12_000),
    orderMaxAgeMs: dice.chance(0.6) ? 5_000 : dice.between(300, 20_000),
    settleWithinMs: dice.chance(0.6) ? 10_000 : dice.between(500, 10_000),
    stalledAboveBytes: dice.chance(0.5) ? 65_536 : dice.int(100, 2_000),
    maxQueued: dice.chance(0.8) ? 1_000 : dice.int(1, 5),
    latencyMs: perfect ? 1 : dice.between(0.2, 100),
    jitterMs: perfect || dice.chance(0.3) ? 0 : dice.between(1, 1_500),
    strikes: strikesOf,
    moments: momentsOf,
    quirks,
    exchange: perfect
      ? perfectExchange
      : {
          callMs: some(0.7, 1, 1_200),
          noticeMs: some(0.6, 1, 1_200),
          lostThere: some(0.15, 0.02, 0.2),
          lostBack: some(0.15, 0.02, 0.2),
          fails: some(0.15, 0.02, 0.2),
        },
  }
}
