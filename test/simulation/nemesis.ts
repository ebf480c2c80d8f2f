import { Subscription } from 'rxjs'
import type { Dice } from './dice.js'
import type { WriteFate } from './disk.js'
import type { VirtualScheduler } from '../../src/time/index.js'
import type { Checks } from './checks.js'
import type { Client } from './client-host.js'
import type { GatewayProcess } from './gateway-host.js'
import type { Hits } from './hits.js'
import type { Machine } from './machine.js'
import type { DialFate, Direction, Link, Network } from './network.js'
import type { Moment, Strike } from './faults.js'
import type { Plan } from './plan.js'
import { symbol, type Venue } from './venue.js'

/** Where harm can be done. */
export interface World {
  readonly plan: Plan
  readonly base: VirtualScheduler
  readonly hits: Hits
  readonly checks: Checks
  readonly network: Network
  readonly venues: readonly Venue[]
  readonly client: Client
  gateway: GatewayProcess | undefined
  /** Once true nothing goes wrong any more. */
  readonly healed: boolean
  dialFate: DialFate
  note(where: string, what: string): void
  startGateway(): void
  startClient(): void
}

/** What a process does by itself it does not do in the middle of something else. */
const byItself: ReadonlySet<Strike> = new Set([
  'gateway shut down',
  'exchange lost',
  'client wall clock jumps',
  'login left and taken again',
])

/** Does the harm that the plan asks for, by the clock and at chosen moments, and counts what it did. */
export class Nemesis {
  readonly #world: World
  readonly #dice: Dice
  readonly #outlastDice: Dice
  readonly #next = new Subscription()
  #busy = false

  constructor(world: World, dice: Dice) {
    this.#world = world
    this.#dice = dice
    this.#outlastDice = dice.fork('outlast')
  }

  start(): void {
    const { plan, base } = this.#world
    for (const [strike, perMinute] of Object.entries(plan.strikes) as [Strike, number][]) {
      const next = (): void => {
        this.#next.add(
          base.schedule(
            () => {
              this.strike(strike)
              next()
            },
            (-Math.log(1 - this.#dice.next()) * 60_000) / perMinute,
          ),
        )
      }
      next()
    }
    if (plan.stranger) {
      const next = (): void => {
        this.#next.add(
          base.schedule(
            () => {
              this.#stranger()
              next()
            },
            this.#dice.between(500, 10_000),
          ),
        )
      }
      next()
    }
  }

  journalFails(): boolean {
    const failing = this.#dice.chance(this.#world.plan.journalFull)
    if (failing) this.#world.hits.count('order journal cannot be written')
    return failing
  }

  /** What becomes of a line of the gateway's journal. */
  writeFate(): WriteFate {
    const world = this.#world
    if (world.gateway === undefined) return 'written'
    if (this.#dice.chance(world.plan.diskFull)) {
      world.hits.count('gateway journal cannot be written')
      return this.#dice.pick(['full', 'part of it written'])
    }
    if (this.#busy || !this.#dice.chance(world.plan.killedAtDisk)) return 'written'
    const fate = this.#dice.pick(['killed before', 'killed within', 'killed after'] as const)
    world.hits.count(`gateway ${fate} a line of its journal`)
    world.note('nemesis', `gateway ${fate} a line of its journal`)
    this.#stopGateway(() => undefined, true)
    return fate
  }

  /** All is well again. */
  heal(): void {
    const world = this.#world
    this.#next.unsubscribe()
    world.dialFate = 'accepted'
    for (const link of world.network.links) {
      link.pipe('up').flow()
      link.pipe('down').flow()
    }
    world.network.baseMs = 5
    world.network.jitterMs = 5
    if (world.gateway === undefined) world.startGateway()
    if (world.client.machine.dead) world.startClient()
    for (const venue of world.venues) venue.downUntil = 0
  }

  moment(moment: Moment, link?: Link): void {
    const world = this.#world
    if (world.healed || this.#busy || !this.#dice.chance(world.plan.moments[moment] ?? 0)) return
    world.hits.count(`aimed: ${moment}`)
    const isHalfDone = moment === 'place_order accepted by the exchange' || moment === 'place_order about to be replied'
    const strike = this.#dice.weighted({
      reset: 20,
      'cut at a byte': 10,
      'half-open: the server is not told': 10,
      'half-open: the client is not told': 5,
      'black hole both ways': 6,
      'black hole up': 6,
      'black hole down': 6,
      'client stopped': 6,
      'client suspended': 4,
      'gateway stopped': 4,
      'gateway killed': isHalfDone ? 80 : 10,
      'gateway shut down': 3,
      'client killed': 8,
      'exchange lost': 6,
      'client wall clock jumps': 3,
      'login left and taken again': moment.startsWith('login') ? 30 : 0,
    })
    if (strike === 'gateway killed' && isHalfDone && world.gateway !== undefined) {
      world.hits.count('gateway killed between accepting an order and replying')
    }
    if (byItself.has(strike)) {
      world.base.schedule(() => this.strike(strike, link))
      return
    }
    this.#busy = true
    this.strike(strike, link)
    this.#busy = false
  }

  /** Fault of a way that swallows an order, or holds it up, until the order is too old. */
  outlast(link: Link): void {
    const world = this.#world
    if (world.healed || !this.#outlastDice.chance(world.plan.outlasts)) return
    world.hits.count('order swallowed for longer than its age')
    world.note('nemesis', `order swallowed for longer than its age (c${link.nth})`)
    if (this.#outlastDice.chance(0.6)) this.#swallow(link, ['up'])
    else link.pipe('up').stall(this.#outlastDice.between(8_000, 30_000))
  }

  #someLink(): Link | undefined {
    const { open } = this.#world.network
    return open.length === 0 ? undefined : this.#dice.pick(open)
  }

  strike(strike: Strike, aimedAt?: Link): void {
    const world = this.#world
    const dice = this.#dice
    const link = aimedAt?.open === true ? aimedAt : this.#someLink()
    const { client, gateway } = world
    const done = (): void => {
      world.hits.count(strike)
      world.note('nemesis', `${strike}${link === undefined ? '' : ` (c${link.nth})`}`)
    }
    const onLink = (harm: (link: Link) => void): void => {
      if (link === undefined) return
      done()
      harm(link)
    }
    switch (strike) {
      case 'reset':
        onLink((each) => each.cut(0, 0))
        break
      case 'cut at a byte':
        onLink((each) => each.cut(dice.int(0, 1_000), dice.int(0, 1_000)))
        break
      case 'half-open: the server is not told':
        onLink((each) => each.vanish('client'))
        break
      case 'half-open: the client is not told':
        onLink((each) => each.vanish('server'))
        break
      case 'black hole both ways':
        onLink((each) => this.#swallow(each, ['up', 'down']))
        break
      case 'black hole up':
        onLink((each) => this.#swallow(each, ['up']))
        break
      case 'black hole down':
        onLink((each) => this.#swallow(each, ['down']))
        break
      case 'server stops reading':
        onLink((each) => each.pipe('up').stall(dice.between(200, 20_000)))
        break
      case 'client stops reading':
        onLink((each) => each.pipe('down').stall(dice.between(200, 20_000)))
        break
      case 'client stopped':
        done()
        client.machine.stop(dice.between(50, 65_000) ** (dice.chance(0.5) ? 1 : 0.8))
        break
      case 'client suspended':
        done()
        client.machine.suspend(dice.between(1_000, 65_000))
        break
      case 'gateway stopped':
        if (gateway === undefined) return
        done()
        gateway.machine.stop(dice.between(50, 20_000))
        this.#gatewayStopped(gateway.machine)
        break
      case 'gateway suspended':
        if (gateway === undefined) return
        done()
        gateway.machine.suspend(dice.between(1_000, 30_000))
        this.#gatewayStopped(gateway.machine)
        break
      case 'client wall clock jumps':
        done()
        client.machine.jumpWall(this.#jump())
        break
      case 'gateway wall clock jumps':
        if (gateway === undefined) return
        done()
        gateway.machine.jumpWall(this.#jump())
        break
      case 'gateway killed':
        this.#stopGateway(done, true)
        break
      case 'gateway shut down':
        this.#stopGateway(done, false)
        break
      case 'client killed':
        this.#killClient(done)
        break
      case 'dialling refused':
      case 'dialling swallowed':
      case 'accept then close':
        done()
        world.dialFate =
          strike === 'dialling refused'
            ? 'refused'
            : strike === 'dialling swallowed'
              ? 'swallowed'
              : 'accepted-and-closed'
        world.base.schedule(() => (world.dialFate = 'accepted'), dice.between(500, 15_000))
        if (dice.chance(0.7)) link?.cut(0, 0)
        break
      case 'exchange lost': {
        done()
        const venue = dice.pick(world.venues)
        const forMs = dice.between(100, 8_000)
        if (dice.chance(0.4)) venue.downUntil = world.base.now() + forMs * 1.5
        venue.dropLine(forMs)
        break
      }
      case 'token void':
        onLink((each) => {
          const found = [...world.checks.tokens].find(([, known]) => known.link === each && known.ready)
          if (found === undefined) return
          const [token, { platform }] = found
          world.checks.silentVoids.push({ platform, at: world.base.now() })
          each.server.hear(JSON.stringify({ op: 'logout', token }))
          // A client that is not asking anything would never hear of it.
          world.network.busyUntil = Math.max(world.network.busyUntil, world.base.now() + 21_000)
          world.base.schedule(() => {
            if (each.open) each.cut(0, 0)
          }, 20_000)
        })
        break
      case 'login left and taken again': {
        done()
        const venue = dice.pick(world.venues)
        const strategy = client.strategies.get(venue)
        const { watch } = strategy ?? {}
        if (dice.chance(0.3) && watch !== undefined) {
          world.checks.loginLeft(venue.name)
          watch.account.drain().subscribe()
          break
        }
        client.leave(venue)
        client.machine.scheduler.schedule(() => client.login(venue), dice.between(0, 5_000))
        break
      }
    }
  }

  #gatewayStopped({ asleepForMs }: Machine): void {
    const from = this.#world.base.now()
    this.#world.checks.gatewayStops.push({ from, to: from + asleepForMs })
  }

  /** Faults 3 and 4: the client must let go of it within 15 s, or 18 where only our own frames are lost. */
  #swallow(link: Link, directions: readonly Direction[]): void {
    for (const direction of directions) link.pipe(direction).lose()
    const { base, checks } = this.#world
    const { machine } = link.client
    const { asleepMs, asleepForMs } = machine
    if (asleepForMs > 0) return
    base.schedule(() => {
      if (link.open && machine.asleepMs === asleepMs) {
        checks.fail('silence', `c${link.nth} has been a black hole for 18 s, and is still in use`)
      }
    }, 18_000)
  }

  #jump(): number {
    return this.#dice.pick([3_600_000, -3_600_000, 1_000, -1_000, 7_000, -30_000])
  }

  #stopGateway(done: () => void, kill: boolean): void {
    const world = this.#world
    const { gateway } = world
    if (gateway === undefined) return
    done()
    world.gateway = undefined
    if (kill) gateway.kill()
    else gateway.shutDown()
    // The operating system hangs up for it.
    for (const { server } of world.network.links) if (server.machine === gateway.machine) server.orphan()
    world.base.schedule(
      () => {
        if (world.gateway === undefined) world.startGateway()
      },
      this.#dice.between(50, 12_000),
    )
  }

  #killClient(done: () => void): void {
    const world = this.#world
    const { client } = world
    if (client.machine.dead) return
    done()
    client.kill()
    const told = this.#dice.chance(0.7)
    for (const link of world.network.links) {
      if (link.client.machine !== client.machine) continue
      if (told) link.client.orphan()
      else link.pipe('up').lose()
    }
    world.base.schedule(
      () => {
        if (world.client.machine.dead) world.startClient()
      },
      this.#dice.between(50, 8_000),
    )
  }

  /** Somebody else trades the account, and what looks like ours is not. */
  #stranger(): void {
    const world = this.#world
    const dice = this.#dice
    const ours = world.checks.calls.at(-1)
    const venue = ours?.venue ?? dice.pick(world.venues)
    const order = ours?.order ?? {
      symbol,
      action: 'BUY' as const,
      price: Math.round(venue.midPrice * 100) / 100,
      quantity: venue.contracts ? 20 : 0.02,
      order_type: 'LIMIT' as const,
    }
    world.hits.count('a stranger trades the account')
    venue.session?.placeOrder({ ...order, cid: '' }).subscribe({ error: () => undefined })
  }
}
