import type { Message } from '../../src/transport/index.js'
import { Checks } from './checks.js'
import { Client, Journal } from './client-host.js'
import { Dice } from './dice.js'
import { type GatewayOptions, GatewayProcess } from './gateway-host.js'
import { type HitCounts, Hits } from './hits.js'
import { GridScheduler, type Machine } from './machine.js'
import { type DialFate, type Link, Network, type NetworkHooks } from './network.js'
import { Nemesis, type World } from './nemesis.js'
import { type Plan, planOf, quietExchange } from './plan.js'
import { type Frame, noQuirks, parsed, Quirks } from './quirks.js'
import { Trace, type TraceEvent } from './trace.js'
import { noServerFaults, ServerFaults } from './server-faults.js'
import { fillKey, Venue } from './venue.js'

/** What came of a run. */
export interface RunResult {
  readonly seed: number
  readonly violations: readonly string[]
  readonly hash: string
  readonly events: readonly TraceEvent[]
  readonly steps: number
  readonly hits: HitCounts
  readonly virtualMs: number
}

export interface RunOptions {
  /** Keeps the trace in words. @default false */
  readonly keepTrace?: boolean
}

/** How long everything may take to come to rest, once nothing goes wrong any more. */
const quietMs = 120_000
/** At rest for so long: then it will stay so, but for what only a later look can mend. */
const restMs = 6_000
/** As long after it was written an order may still be looked for. */
const flightMs = 24_000
/** So long the gateway waits for an exchange, and its client for what it then says. */
const lostCallMs = 12_000
const partingMs = 40_000
const stepMs = 500

/** One client, one gateway, one exchange and the network between them, for a few virtual minutes. */
class Run implements World {
  readonly base = new GridScheduler()
  readonly hits = new Hits()
  readonly trace: Trace
  readonly checks: Checks
  readonly network: Network
  readonly venues: readonly Venue[]
  readonly journals = new Map<Venue, Journal>()
  readonly quirks: Quirks
  readonly serverFaults: ServerFaults
  readonly nemesis: Nemesis
  client: Client
  gateway: GatewayProcess | undefined
  /** Once true nothing goes wrong any more. */
  healed = false
  dialFate: DialFate = 'accepted'
  readonly lostOnPurpose = new Set<string>()
  repliesLost = 0
  readonly #dice: Dice
  #lastGateway: GatewayProcess | undefined
  #lives = { client: 0, gateway: 0 }
  #orderNumber = 0
  #asleepAt = -Infinity
  readonly #epochs: string[] = []

  constructor(
    readonly plan: Plan,
    keepTrace: boolean,
  ) {
    const dice = (this.#dice = new Dice(plan.seed))
    this.trace = new Trace(keepTrace)
    this.checks = new Checks(() => this.base.now(), plan.requestTimeoutMs)
    this.venues = [plan.contracts ? 'huobi_future' : 'huobi', 'okex'].slice(0, plan.platforms).map(
      (name) =>
        new Venue({
          name,
          home: plan.home,
          symbols: plan.symbols,
          contracts: name === 'huobi_future',
          scheduler: this.base,
          dice: dice.fork(`market ${name}`),
          onOrder: (order, isNew) => {
            const { order_no, action, quantity, remain, status, order_type } = order.order
            this.note(
              'exchange',
              `${name} ${action} ${quantity} ${order_type} #${order_no} ${status} remain ${remain} cid ${order.cid ?? '-'}`,
            )
            const venue = this.venues.find((each) => each.name === name)
            if (isNew && venue !== undefined) this.checks.orderMade(venue, order)
          },
          onFill: (fill) =>
            this.note('exchange', `${name} fill ${fill.fill_no} of #${fill.order_no}: ${fill.quantity}`),
        }),
    )
    if (plan.journal) {
      for (const venue of this.venues) {
        this.journals.set(venue, new Journal(venue, this.checks, () => this.nemesis.moment('intent in the journal')))
      }
    }
    this.quirks = new Quirks(dice.fork('quirks'), this.hits, () => (this.healed ? noQuirks : plan.quirks), {
      lostNotice: (frame) => this.#noticeLost(frame),
      lostReply: () => this.repliesLost++,
    })
    this.serverFaults = new ServerFaults(
      dice.fork('server faults in life'),
      this.hits,
      () => (this.healed ? noServerFaults : plan.serverFaults),
      plan.symbols,
    )
    this.network = new Network({
      scheduler: this.base,
      dice: dice.fork('network'),
      hooks: this.#hooks(),
      note: (where, what) => this.note(where, what),
      listener: () => this.gateway,
      dialFate: () => this.dialFate,
      connectTimeoutMs: 10_000,
    })
    this.network.baseMs = plan.latencyMs
    this.network.jitterMs = plan.jitterMs
    this.nemesis = new Nemesis(this, dice.fork('nemesis'))
    this.startGateway()
    this.client = this.#newClient()
  }

  note(where: string, what: string): void {
    if (this.trace.count > 200_000) throw new Error('200,000 events: it goes round in circles')
    this.trace.note(this.base.now(), where, what)
  }

  startGateway(): void {
    const { plan, base, venues, hits } = this
    const options: GatewayOptions = {
      base,
      venues,
      hits,
      dice: this.#dice.fork('gateway'),
      pendingBytes: plan.stalledAboveBytes === 65_536 ? 524_288 : 4_000,
      troubles: () => (this.healed ? quietExchange : plan.exchange),
      writeFate: () => (this.healed ? 'written' : this.nemesis.writeFate()),
      onLost: () => {
        this.network.busyUntil = Math.max(this.network.busyUntil, this.base.now() + lostCallMs)
      },
      mayBeCopied: (venue, order) => this.checks.callOf(venue.name, order)?.wanted === 1,
      onCopied: (venue, order, order_no) => this.checks.orderCopied(venue.name, order, order_no),
      afterAccepted: () => this.nemesis.moment('place_order accepted by the exchange'),
      onEvent: (event) => {
        this.checks.noSecretIn('a gateway event', JSON.stringify(event))
        if (event.type === 'fault' && !event.where.endsWith('cancel on disconnect'))
          this.checks.fail('gateway', `fault in ${event.where}: ${event.error}`)
      },
    }
    this.gateway = this.#lastGateway = new GatewayProcess(++this.#lives.gateway, options, this.#lastGateway)
  }

  startClient(): void {
    this.client = this.#newClient(this.client)
  }

  #newClient(predecessor?: Client): Client {
    const { plan, base, network, venues, journals, checks, hits } = this
    return new Client(
      ++this.#lives.client,
      {
        plan,
        base,
        network,
        venues,
        journals,
        checks,
        hits,
        dice: this.#dice,
        note: (where, what) => this.note(where, what),
        journalFails: () => !this.healed && this.nemesis.journalFails(),
      },
      () => ++this.#orderNumber,
      predecessor,
    )
  }

  #hooks(): NetworkHooks {
    const { checks } = this
    return {
      onUp: (link, text) => {
        const frame = parsed(text)
        if (frame === undefined) return
        const { machine } = this.client
        if (link.client.machine === machine) {
          // A connection to a gateway that was killed may still take frames.
          const life = link.server.machine === this.gateway?.machine ? this.#lives.gateway : -1
          checks.clientWrites(link, frame, machine, (platform) => this.#journalOf(platform), life)
        }
        if (frame.op !== 'place_order') return
        this.nemesis.outlast(link)
        this.nemesis.moment('place_order about to be written', link)
      },
      afterUp: (link, text) => {
        const op = parsed(text)?.op
        if (op === 'place_order') this.nemesis.moment('place_order written', link)
        else if (op === 'cancel_order') this.nemesis.moment('cancel_order written', link)
        else if (op === 'open_orders') this.nemesis.moment('open_orders written', link)
        else if (op === 'login') this.nemesis.moment('login written', link)
      },
      onDown: (link, text, emit) => {
        const isOrder = parsed(text)?.op === 'place_order'
        if (isOrder) this.nemesis.moment('place_order about to be replied', link)
        if (link.server.machine.dead) return
        const left = this.serverFaults.pass(this.#withoutChance(text), emit)
        if (left !== undefined) this.quirks.pass(left, emit)
        if (isOrder) this.nemesis.moment('place_order replied', link)
      },
      beforeClientHears: (link, message) => this.#clientHears(link, message),
      afterClientHears: () => this.checks.answers.over(),
      beforeGatewayHears: (link, message) => {
        if (parsed(message)?.op === 'place_order') this.nemesis.moment('place_order reaches the gateway', link)
      },
      afterGatewayHears: (link, message) => {
        const op = parsed(message)?.op
        if (op === 'place_order') this.nemesis.moment('place_order at the gateway', link)
        else if (op === 'login') this.nemesis.moment('login at the gateway', link)
      },
    }
  }

  #clientHears(link: Link, message: Message): void {
    if (link.client.machine !== this.client.machine) return
    const token = this.serverFaults.loginOf(message)
    if (token !== undefined) {
      // A deep frame is JSON, and is still not read.
      this.checks.mayHaveMissed(link, token)
      return
    }
    if (this.serverFaults.beginsStorm(message))
      this.checks.stormHeard(link, this.plan.symbols.length, this.plan.resyncEveryMs)
    const frame = parsed(message)
    if (frame === undefined) return
    this.checks.clientHears(link, frame)
    if (frame.error_message === 'Invalid token') this.hits.count('Invalid token')
    if (frame.op === 'place_order') this.nemesis.moment('place_order reply heard', link)
    else if (frame.op === 'login') {
      if (/repeat/.test(String(frame.error_message))) this.hits.count('Do not log in repeat')
      this.nemesis.moment('login reply heard', link)
    } else if (frame.op === 'state' && frame.code === 6) this.nemesis.moment('READY heard', link)
  }

  /** Epochs are drawn from the machine's own entropy; a trace must repeat. */
  #withoutChance(text: string): string {
    return text.replace(/"epoch":"([^"]+)"/, (_, epoch: string) => {
      const known = this.#epochs.indexOf(epoch)
      return `"epoch":"epoch ${known < 0 ? this.#epochs.push(epoch) - 1 : known}"`
    })
  }

  #journalOf(platform: string) {
    const venue = this.venues.find(({ name }) => name === platform)
    return venue === undefined ? undefined : this.journals.get(venue)?.entries
  }

  #noticeLost(frame: Frame): void {
    if (frame.topic !== 'fill') return
    const venue = this.venues.find(({ fills }) => fills.has(fillKey(frame.data)))
    for (const each of venue === undefined ? [] : this.venues)
      this.lostOnPurpose.add(`${each.name} ${fillKey(frame.data)}`)
  }

  run(): void {
    const { plan, base, venues, checks } = this
    const market = (): void => {
      for (const venue of venues) venue.moveMarket()
    }
    market()
    const dice = this.#dice.fork('commands')
    const at = Array.from({ length: plan.commands }, () => dice.between(500, plan.activeMs)).sort((a, b) => a - b)
    for (const each of at) {
      base.schedule(() => {
        const venue = dice.pick(venues)
        const { machine, strategies } = this.client
        // A stalled process acts when it is awake.
        machine.scheduler.schedule(() => strategies.get(venue)?.act())
      }, each)
    }
    for (let ms = 700; ms < plan.activeMs; ms += 900) base.schedule(market, ms)
    this.nemesis.start()
    this.#advanceTo(plan.activeMs)
    this.healed = true
    this.note('world', 'all is well from here on')
    this.nemesis.heal()
    const asleepMs = Math.max(this.client.machine.asleepForMs, this.gateway?.machine.asleepForMs ?? 0)
    const latestMs = base.now() + asleepMs + quietMs
    let restingSince = base.now()
    let hasAsked = false
    let hasPlaced = false
    const enoughMs = plan.resyncEveryMs === undefined ? restMs : plan.resyncEveryMs + 3_000
    while (base.now() < latestMs && base.now() - restingSince < enoughMs && checks.violations.length === 0) {
      this.#advanceTo(base.now() + stepMs)
      if (!this.#atRest() || this.#oughtToBeResolved().length > 0) restingSince = base.now()
      // A server that tells no end has to be asked, if only once.
      if (plan.serverFaults.silentEnds && !hasAsked && base.now() - restingSince > restMs / 2) {
        hasAsked = true
        for (const strategy of this.client.strategies.values()) strategy.askOpenOrders()
        restingSince = base.now()
      }
      // What is owed to a disk that was full is written before the next order.
      if (!hasPlaced && base.now() - restingSince > restMs / 2) {
        hasPlaced = true
        for (const [venue, strategy] of this.client.strategies) {
          if ((this.journals.get(venue)?.unwritten.size ?? 0) > 0) strategy.placeOneMore()
        }
      }
    }
    if (checks.violations.length > 0) return
    this.#compare()
    if (checks.violations.length > 0) return
    this.client.end()
    const partedMs = base.now() + partingMs
    while (base.now() < partedMs && this.network.open.length > 0 && checks.violations.length === 0)
      this.#advanceTo(base.now() + stepMs)
    this.#nothingIsLeft()
  }

  #advanceTo(ms: number): void {
    while (this.base.now() < ms && this.checks.violations.length === 0) {
      this.base.advanceTo(Math.min(ms, this.base.now() + stepMs))
      if (this.base.pending > 3_000) this.checks.fail('I6', `${this.base.pending} timers`)
    }
  }

  #atRest(): boolean {
    const now = this.base.now()
    if (this.client.machine.asleepForMs > 0 || (this.gateway?.machine.asleepForMs ?? 0) > 0) {
      this.#asleepAt = now
      return false
    }
    if (Math.max(this.#asleepAt, this.checks.lastWrittenAt) + flightMs > now) return false
    if (this.network.busyUntil > now) return false
    if (this.network.open.some(({ lostAt }) => lostAt !== undefined)) return false
    return [...this.client.strategies.values()].every(
      ({ running, watch }) => running.size === 0 && watch?.standing === true,
    )
  }

  #compare(): void {
    const { checks, client, venues } = this
    for (const venue of venues) {
      const strategy = client.strategies.get(venue)
      const watch = strategy?.watch
      if (strategy === undefined || watch === undefined) {
        checks.fail('liveness', `there is no Account on ${venue.name} in the end`)
        continue
      }
      for (const what of strategy.running.values()) checks.fail('I3', `${what} has not ended`)
      watch.compareViews()
      watch.compareFollowed(strategy.followed)
      watch.compareEnds(this.lostOnPurpose)
      watch.compareHoles()
      watch.compareFills(this.lostOnPurpose, 6_000 + 2 * this.plan.jitterMs)
      this.#compareUnsettled(venue)
      for (const fault of venue.platform.exchange.audit()) checks.fail('exchange', fault)
    }
    for (const cid of this.#oughtToBeResolved())
      checks.fail('I4', `${cid} is still unresolved, though the server remembers cids and was asked for long enough`)
    for (const call of checks.calls) {
      const may = call.attempts.filter(({ end }) => end !== 'not-sent' && end !== 'rejected').length
      if (call.orderNos.length > may + call.copies) {
        const ends = call.attempts.map(({ end }) => end ?? 'going on').join(', ')
        checks.fail('I1', `${call.name} made ${call.orderNos.join(', ')}; its subscriptions ended ${ends}`)
      }
      const told = call.attempts.filter(({ end }) => end === 'placed').length
      if (told > call.orderNos.length)
        checks.fail('I4', `${call.name} was told of ${told} orders, and made ${call.orderNos.length}`)
    }
  }

  /** Orders in doubt whose outcome the server knows: it remembers their cids. */
  #oughtToBeResolved(): readonly string[] {
    const { plan, checks, client } = this
    // After a jump of the wall clock a restarted client cannot know the age of what its predecessor left, and must not ask: the
    // server may have forgotten the cid.
    if (plan.outlasts === 0 || client.machine.jumps > 0) return []
    return [...client.strategies.values()]
      .flatMap(({ watch }) => watch?.unresolved ?? [])
      .map(({ error }) => error.cid)
      .filter((cid) => {
        const written = checks.written.get(cid)
        // Behind a remote exchange cids live as long as their gateway.
        const isRemembered = plan.home === 'journal' || written?.gatewayLife === this.#lives.gateway
        return written !== undefined && isRemembered && !checks.toldUnknown.has(cid)
      })
  }

  /** What was told is believed; what was not is not forgotten. */
  #compareUnsettled(venue: Venue): void {
    const { checks, client, journals } = this
    const watch = client.strategies.get(venue)?.watch
    const open = new Set(watch?.unresolved.map(({ error }) => error.cid))
    const since = watch?.readyOnceAt ?? Infinity
    const unwritten = journals.get(venue)?.unwritten ?? new Set()
    for (const cid of open) {
      for (const [told, what] of [
        [checks.toldPlaced, 'its reply'],
        [checks.toldRejected, 'a refusal'],
        [checks.sightings, 'an order that carries its cid'],
      ] as const) {
        const at = told.get(cid)
        // A refusal that the order journal could not be told is none.
        if (told === checks.toldRejected && unwritten.size > 0) continue
        if (at !== undefined && at > since)
          checks.fail('I4', `${cid} is still unresolved, though ${what} was heard at ${at} ms`)
      }
    }
    const entries = journals.get(venue)?.entries ?? []
    const settled = new Set(entries.flatMap((entry) => (entry.kind === 'settled' ? [entry.cid] : [])))
    for (const entry of entries) {
      if (entry.kind === 'sent' && checks.closedByCaller.has(entry.cid) && !settled.has(entry.cid)) {
        checks.fail('I4', `${entry.cid} was closed by its caller, and a successor would not know`)
      }
      if (entry.kind === 'sent' && !settled.has(entry.cid) && !open.has(entry.cid)) {
        checks.fail('I4', `${entry.cid} is forgotten: sent, not settled, and not among the unresolved`)
      }
    }
  }

  #noTimersOf(machine: Machine): void {
    const { timers } = machine
    if (timers.length > 0)
      this.checks.fail(
        'I6',
        `${machine.name} has ${timers.length} timers though nobody is connected: ${timers.join('; ')}`,
      )
  }

  #nothingIsLeft(): void {
    const { checks, network } = this
    for (const link of network.links) {
      if (link.open) checks.fail('I6', `c${link.nth} is open though nobody is logged in`)
    }
    // What outlives its connection leaks in life, long before the process ends.
    this.#noTimersOf(this.client.machine)
    const { gateway } = this
    const isConnected = network.links.some(
      ({ server }) => server.machine === gateway?.machine && server.state !== 'ended',
    )
    if (gateway !== undefined && !isConnected) {
      this.hits.came('gateway: no timer is left by its connections')
      // A pause does not count against the exchange, so it may owe an answer for that much longer.
      if (this.checks.gatewayStops.length > 0) this.#advanceTo(this.base.now() + 9_000)
      this.#noTimersOf(gateway.machine)
    }
    this.gateway?.shutDown()
    for (const venue of this.venues) venue.end()
    // Frames on their way to a process that was killed in its sleep, and calls behind the gateway.
    this.#advanceTo(this.base.now() + 90_000)
    const { pending } = this.base
    if (pending > 0) {
      let which = ''
      try {
        this.base.flush({ maxActions: 0 })
      } catch (error) {
        which = String(error)
      }
      checks.fail('I6', `${pending} timers are left when all has ended: ${which}`)
    }
  }
}

export const runSeed = (seed: number, { keepTrace = false }: RunOptions = {}): RunResult => {
  const world = new Run(planOf(seed), keepTrace)
  try {
    world.run()
  } catch (error) {
    world.checks.fail('crash', error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    for (const venue of world.venues) venue.cleanUp()
  }
  const { trace, checks, hits, base } = world
  return {
    seed,
    violations: checks.violations,
    hash: trace.hash,
    events: trace.events,
    steps: trace.count,
    hits: hits.counts,
    virtualMs: base.now(),
  }
}
