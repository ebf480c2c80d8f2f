import { Dice } from './dice.js'
import { type Moment, moments, type Strike, strikes } from './faults.js'
import type { ExchangeTroubles } from './flaky-exchange.js'
import { noServerFaults, type ServerFaultRates } from './server-faults.js'
import { type Home, symbol } from './venue.js'
import { noQuirks, type QuirkRates } from './quirks.js'

/** What the strategy does, each as often as its weight says. */
export interface Habits {
  readonly place: number
  readonly burst: number
  /** Two orders of one shape: both are wanted. */
  readonly twins: number
  readonly cancel: number
  readonly all: number
  readonly query: number
  readonly track: number
  /** Says of an order of unknown fate that it has been seen to. */
  readonly close: number
  readonly wrong: number
  /** Follows what it has placed: then it hears which order an unknown fate turned out to be. */
  readonly tracking: number
}

/** Everything about a run that its seed decides beforehand. */
export interface Plan {
  readonly seed: number
  readonly activeMs: number
  readonly commands: number
  readonly platforms: number
  /** The first of them trades contracts. */
  readonly contracts: boolean
  readonly home: Home
  /** Share of writes to the gateway's journal that the disk has no room for. */
  readonly diskFull: number
  /** Share of such writes around which the gateway is killed. */
  readonly killedAtDisk: number
  readonly journal: boolean
  /** Share of writes to the order journal that fail. */
  readonly journalFull: number
  readonly habits: Habits
  readonly exclusiveAccount: boolean
  /** Somebody else trades the same account. */
  readonly stranger: boolean
  readonly cancelOnDisconnect: boolean
  readonly resyncEveryMs: number | undefined
  readonly requestTimeoutMs: number
  readonly orderMaxAgeMs: number
  readonly resolveWithinMs: number
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
  readonly serverFaults: ServerFaultRates
  /** Those that are logged in to; orders are placed in the first. */
  readonly symbols: readonly string[]
  /** Share of orders that the network swallows, or holds up, for longer than their age. */
  readonly outlasts: number
  /** Share of losses at which the strategy asks for an order, a cancel of all, and one more order, before READY. */
  readonly sweeps: number
}

const perfectExchange: ExchangeTroubles = { callMs: 0, noticeMs: 0, lostThere: 0, lostBack: 0, fails: 0, copies: 0 }
export const quietExchange: ExchangeTroubles = { ...perfectExchange, callMs: 5, noticeMs: 5 }

/** For each moment the share of runs that aim at it, and the bounds of how often: what comes seldom is aimed at oftener. */
const aims: Readonly<Record<Moment, readonly [share: number, low: number, high: number]>> = {
  'place_order about to be written': [0.12, 0.05, 0.4],
  'place_order reaches the gateway': [0.2, 0.05, 0.5],
  'place_order about to be replied': [0.26, 0.1, 0.5],
  'place_order written': [0.12, 0.05, 0.4],
  'place_order at the gateway': [0.2, 0.1, 0.5],
  'place_order accepted by the exchange': [0.35, 0.1, 0.6],
  'place_order replied': [0.22, 0.05, 0.5],
  'place_order reply heard': [0.26, 0.15, 0.6],
  'cancel_order written': [0.4, 0.2, 0.8],
  'open_orders written': [0.12, 0.05, 0.4],
  'login written': [0.12, 0.05, 0.4],
  'login at the gateway': [0.16, 0.05, 0.4],
  'login reply heard': [0.2, 0.05, 0.4],
  'READY heard': [0.2, 0.05, 0.4],
  'intent in the journal': [0.16, 0.05, 0.4],
}

export const planOf = (seed: number): Plan => {
  const plan = usualPlanOf(seed)
  // A fork of its own: the other runs stay what they are.
  const dice = new Dice(seed).fork('watchful')
  return withServerFaults(dice.chance(0.06) ? watchful(plan, dice) : plan)
}

/** Servers whose words, ends and frames are those of the field, and storms; a network that swallows orders. */
const withServerFaults = (plan: Plan): Plan => {
  const dice = new Dice(plan.seed).fork('server faults')
  const isTheirs = plan.home === 'remote' || plan.home === 'remote, cids'
  const remembersCids = (plan.home === 'journal' || plan.home === 'remote, cids') && !plan.quirks.plain
  let changed = plan
  const rates = { ...noServerFaults }
  const share = (of: number): boolean => dice.chance(of) && plan.quirks !== noQuirks
  if (share(0.45) && isTheirs) {
    rates.refusalWords = dice.between(0.2, 0.9)
    changed = { ...changed, habits: { ...changed.habits, wrong: 20 } }
  }
  if (share(0.2) && isTheirs) rates.silentEnds = true
  if (share(0.2) && isTheirs) rates.noJson = dice.between(0.05, 0.3)
  if (share(0.12) && isTheirs) {
    rates.storm = dice.between(0.04, 0.12)
    changed = { ...changed, symbols: [symbol, 'ETH/USDT', 'LTC/USDT', 'EOS/USDT', 'XRP/USDT'] }
  }
  if (share(0.3)) changed = { ...changed, sweeps: dice.between(0.3, 1) }
  if (share(0.3) && remembersCids)
    changed = { ...changed, outlasts: dice.between(0.1, 0.3), orderMaxAgeMs: dice.between(300, 5_000), journalFull: 0 }
  const isTouched = Object.entries(rates).some(
    ([name, rate]) => rate !== noServerFaults[name as keyof ServerFaultRates],
  )
  return isTouched ? { ...changed, serverFaults: rates } : changed
}

/** Looks so often, at an exchange so slow, that several questions are on their way at once while much is placed, of which it tells late. */
const watchful = (plan: Plan, dice: Dice): Plan => ({
  ...plan,
  activeMs: dice.int(15_000, 30_000),
  commands: dice.int(60, 120),
  habits: { ...plan.habits, burst: 40 },
  latencyMs: Math.min(plan.latencyMs, 20),
  jitterMs: Math.min(plan.jitterMs, 20),
  resyncEveryMs: dice.between(900, 2_500),
  exchange: { ...plan.exchange, callMs: dice.between(1_000, 2_500), noticeMs: dice.between(2_000, 5_000) },
})

const usualPlanOf = (seed: number): Plan => {
  const dice = new Dice(seed).fork('plan')
  const perfect = dice.chance(0.03)
  /** A few kinds of trouble in each run, rather than all of them a little (swarm testing). */
  const some = (share: number, low: number, high: number): number =>
    !perfect && dice.chance(share) ? dice.between(low, high) : 0

  const strikesOf: Partial<Record<Strike, number>> = {}
  for (const strike of strikes) {
    const rate = some(strike === 'token void' ? 0.3 : 0.14, 0.7, 4)
    if (rate > 0) strikesOf[strike] = rate
  }
  const momentsOf: Partial<Record<Moment, number>> = {}
  for (const moment of moments) {
    const rate = some(...aims[moment])
    if (rate > 0) momentsOf[moment] = rate
  }
  const home = dice.weighted<Home>({ remote: 45, 'remote, cids': 15, journal: 30, memory: 10 })
  /** Our own gateway tells every notice once, in order, numbered; its replies may come in any order. */
  const isOurs = home === 'journal' || home === 'memory'
  const quirky = !perfect && dice.chance(0.7)
  const quirk = (share: number, low: number, high: number): number => (quirky ? some(share, low, high) : 0)
  const theirs = (share: number, low: number, high: number): number => (isOurs ? 0 : quirk(share, low, high))
  /** Orders are sent again: often enough while the first is still on its way. */
  const sendsAgain = (home === 'remote, cids' || home === 'journal') && dice.chance(0.5)
  /** It gives up on answers so soon that many questions are under way, and their answers overtake each other. */
  const hasty = !perfect && dice.chance(0.1)
  const requestTimeoutMs = hasty
    ? dice.between(800, 2_500)
    : sendsAgain
      ? dice.between(1_500, 4_000)
      : dice.chance(0.6)
        ? 10_000
        : dice.between(1_500, 12_000)
  const silentCancel = !isOurs && dice.chance(0.85)
  const exclusiveAccount = dice.chance(0.35)
  /** Orders are known by their looks alone, come in twos, and their replies say little. */
  const looksAlike = exclusiveAccount && quirky && home === 'remote' && dice.chance(0.5)
  const quirks: QuirkRates = quirky
    ? {
        plain: looksAlike || (home === 'remote' && dice.chance(0.75)),
        silentCancel,
        loseReply: quirk(0.2, 0.02, 0.2),
        lateReply: quirk(0.2, 0.02, 0.2),
        lateAfterMs: requestTimeoutMs,
        slowReply: hasty ? 0.5 : quirk(0.3, 0.05, 0.6),
        repeatReply: quirk(0.2, 0.05, 0.3),
        unsureReply: looksAlike ? dice.between(0.3, 0.8) : theirs(0.4, 0.1, 0.6),
        badReply: theirs(0.2, 0.03, 0.2),
        loseLoginReply: quirk(0.15, 0.15, 0.5),
        lateLoginReply: quirk(0.25, 0.2, 1),
        loseNotice: theirs(0.2, 0.02, 0.2),
        loseNumbered: isOurs ? quirk(0.4, 0.05, 0.4) : 0,
        slowNotice: theirs(0.3, 0.05, 0.5),
        repeatNotice: theirs(0.3, 0.05, 0.5),
        oldNotice: theirs(0.35, 0.2, 0.7),
        badNotice: theirs(0.2, 0.02, 0.2),
        badNumber: theirs(0.25, 0.05, 0.3),
        unpriced: looksAlike && dice.chance(0.5) ? dice.between(0.2, 1) : 0,
        strangeState: quirk(0.25, 0.1, 0.8),
        canceledFirst: theirs(0.45, 0.3, 1),
        partialAssets: theirs(0.3, 0.2, 1),
        garbage: quirk(0.25, 0.03, 0.15),
        tellsKeys: quirk(0.15, 0.2, 1),
      }
    : noQuirks
  const journal = dice.chance(0.9)
  return {
    seed,
    activeMs: dice.int(15_000, 75_000),
    commands: dice.int(8, 32),
    platforms: dice.chance(0.25) ? 2 : 1,
    contracts: dice.chance(looksAlike ? 0.5 : 0.2),
    home,
    diskFull: home === 'journal' ? some(0.25, 0.01, 0.06) : 0,
    killedAtDisk: home === 'journal' ? some(0.6, 0.02, 0.07) : 0,
    journal,
    journalFull: journal ? some(0.25, 0.02, 0.2) : 0,
    habits: {
      place: 50,
      burst: hasty ? 30 : 3,
      twins: looksAlike ? 30 : 3,
      cancel: quirks.silentCancel ? 100 : dice.pick([14, 14, 40]),
      all: 3,
      query: 14,
      track: 5,
      close: looksAlike ? 15 : 3,
      wrong: 4,
      tracking: looksAlike ? 80 : 8,
    },
    exclusiveAccount,
    stranger: !exclusiveAccount && dice.chance(0.3),
    cancelOnDisconnect: dice.chance(0.1),
    // Where notices are lost without a word, only looking again shows it.
    resyncEveryMs:
      quirks.loseNotice + quirks.loseNumbered + quirks.loseReply > 0 || dice.chance(0.1)
        ? dice.between(4_000, 15_000)
        : undefined,
    requestTimeoutMs,
    orderMaxAgeMs: sendsAgain ? dice.between(5_000, 20_000) : dice.chance(0.6) ? 5_000 : dice.between(300, 20_000),
    resolveWithinMs: dice.chance(0.6) ? 10_000 : dice.between(500, 10_000),
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
          lostBack: some(sendsAgain ? 0.5 : 0.15, 0.02, 0.2),
          fails: some(0.15, 0.02, 0.2),
          copies: looksAlike ? dice.between(0.2, 0.6) : home === 'remote' ? some(0.3, 0.1, 0.5) : 0,
        },
    serverFaults: noServerFaults,
    symbols: [symbol],
    outlasts: 0,
    sweeps: 0,
  }
}
