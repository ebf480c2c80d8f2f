// The storm of the fault tests (test/simulation) for a strategy in a paper world: the simulator's network between client and gateway, and its nemesis, who
// resets connections, cuts them at a byte, lets one side forget the other, swallows frames one way or both, stops reading, and refuses or swallows dials:
// by the clock, and aimed at the instant at which an order's reply is about to leave.
import { Subject } from 'rxjs'
import { serve } from '../../src/gateway/index.js'
import type { PaperLink, PaperLinkContext } from '../../src/backtest/index.js'
import type { Connection } from '../../src/transport/index.js'
import { Dice } from '../simulation/dice.js'
import type { Strike } from '../simulation/faults.js'
import { Machine } from '../simulation/machine.js'
import { Nemesis, type World } from '../simulation/nemesis.js'
import { type DialFate, Network } from '../simulation/network.js'

/** How often each strikes by the clock, per minute. */
const perMinute: Partial<Record<Strike, number>> = {
  reset: 2,
  'cut at a byte': 2,
  'half-open: the server is not told': 1,
  'half-open: the client is not told': 1,
  'black hole both ways': 0.5,
  'black hole up': 0.5,
  'black hole down': 0.5,
  'server stops reading': 0.5,
  'client stops reading': 0.5,
  'dialling refused': 0.5,
  'dialling swallowed': 0.5,
  'accept then close': 0.5,
}
const aimed: readonly Strike[] = ['reset', 'cut at a byte', 'half-open: the server is not told', 'black hole down']

/** A storm, and what it has done so far. */
export interface Storm {
  readonly link: (context: PaperLinkContext) => PaperLink
  readonly hits: ReadonlyMap<string, number>
}

/** @param aim - the chance that a reply to an order is struck */
export const stormOf = (seed: number, aim = 0.15): Storm => {
  const hits = new Map<string, number>()
  const count = (what: string) => hits.set(what, (hits.get(what) ?? 0) + 1)
  const link = ({ platforms, scheduler, clock, limits }: PaperLinkContext): PaperLink => {
    const dice = new Dice(seed)
    const connection$ = new Subject<Connection>()
    const serving = serve(connection$, { platforms, scheduler, clock, limits }).subscribe()
    const [client, gateway] = [new Machine('client', scheduler), new Machine('gateway', scheduler)]
    const world: { dialFate: DialFate } = { dialFate: 'accepted' }
    const network = new Network({
      scheduler,
      dice: dice.fork('network'),
      note: () => undefined,
      listener: () => ({ machine: gateway, accept: (connection) => connection$.next(connection) }),
      dialFate: () => world.dialFate,
      connectTimeoutMs: 10_000,
      hooks: {
        onUp: () => undefined,
        afterUp: () => undefined,
        onDown: (struck, text, emit) => {
          if (text.startsWith('{"op":"place_order"') && aiming.chance(aim)) {
            count('aimed at the reply to an order')
            nemesis.strike(aiming.pick(aimed), struck)
          }
          emit(text, 0)
        },
        beforeClientHears: () => undefined,
        afterClientHears: () => undefined,
        beforeGatewayHears: () => undefined,
        afterGatewayHears: () => undefined,
      },
    })
    network.baseMs = 5
    network.jitterMs = 5
    const aiming = dice.fork('aim')
    // Of the simulator's world only the network is here; nothing else is struck.
    Object.assign(world, {
      plan: { strikes: perMinute, stranger: false },
      base: scheduler,
      hits: { count },
      checks: { fail: () => undefined },
      network,
      client: { machine: client },
      gateway: undefined,
      healed: false,
      note: () => undefined,
    })
    const nemesis = new Nemesis(world as unknown as World, dice.fork('nemesis'))
    nemesis.start()
    return {
      transport: network.transportOf(client),
      drop: () => network.open.forEach((each) => each.cut(0, 0)),
      close: () => serving.unsubscribe(),
    }
  }
  return { link, hits }
}
