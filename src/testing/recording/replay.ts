import {
  catchError,
  EMPTY,
  ignoreElements,
  map,
  merge,
  mergeMap,
  type Observable,
  ReplaySubject,
  share,
  switchMap,
  take,
  timer,
} from 'rxjs'
import type { Account, ConnectOptions, LoginOptions } from '../../client/index.js'
import { readOrderText } from '../gateway/order-text.js'
import type { ScenarioContext, ScenarioOutputs } from '../scenario.js'

/** A command of a recording. */
export interface ReplayedCommand {
  readonly word: 'place' | 'cancel' | 'open_orders' | 'asset' | 'position' | 'symbol_info'
  readonly symbol: string
  readonly args: readonly string[]
}

const command =
  (word: ReplayedCommand['word']) =>
  (...args: string[]): ReplayedCommand => {
    const symbol = args.find((arg) => /^symbol /.test(arg))?.slice('symbol '.length)
    const rest = args.filter((arg) => !/^symbol /.test(arg)).map(String)
    return { word, symbol: symbol ?? (['place', 'cancel'].includes(word) ? '' : (rest[0] ?? '')), args: rest }
  }

/** Words of a lane `commands(platform)`: what the client was asked for. */
export const replayWords = {
  place: command('place'),
  cancel: command('cancel'),
  open_orders: command('open_orders'),
  asset: command('asset'),
  position: command('position'),
  symbol_info: command('symbol_info'),
}

/** Parameters of a login, and its time. */
export interface ReplayedLogin extends LoginOptions {
  readonly symbols: readonly string[]
  /** Time of the login, in ms. @default 0 */
  readonly atMs?: number
}

const issue = (account: Account, { word, symbol: named, args }: ReplayedCommand): Observable<unknown> => {
  const symbol = named === '' ? (account.symbols[0] ?? '') : named
  switch (word) {
    case 'place': {
      const order = readOrderText(args[0])
      if (order === undefined) throw new TypeError(`"${args[0] ?? ''}" is no order; write "BUY 2 @ 101.5"`)
      const { action = 'BUY', price, quantity, type } = order
      return account.placeOrder({ symbol, action, price, quantity, order_type: type })
    }
    case 'cancel':
      return account.cancelOrder({ symbol, order_nos: args })
    case 'open_orders':
      return account.openOrders(symbol)
    case 'position':
      return account.position(symbol)
    case 'symbol_info':
      return account.symbolInfo(symbol)
    case 'asset':
      return account.asset()
  }
}

/**
 * The `run` of a diagram that was drafted from a recording: logs in on each platform, issues the
 * commands of the lane `commands(platform)`, and returns `ready(platform)`, `orders(platform)` and
 * `fills(platform)` for those lanes to hold.
 */
export const replay =
  (logins: Readonly<Record<string, ReplayedLogin>>, client: ConnectOptions = {}) =>
  (kit: ScenarioContext): ScenarioOutputs => {
    const gateway = kit.connect(client)
    const outputs: Record<string, Observable<unknown>> = {}
    for (const [platform, { symbols, atMs = 0, ...login }] of Object.entries(logins)) {
      const credentials = { platform, symbols, access_key: 'access-key', secret_key: 'secret-key' }
      const account$ = timer(atMs).pipe(
        switchMap(() => gateway.login(credentials, login)),
        share({ connector: () => new ReplaySubject<Account>(1) }),
      )
      const commands = `commands(${platform})`
      const commands$ = kit.lanes.includes(commands)
        ? kit.hot<ReplayedCommand>(commands).pipe(
            mergeMap((it) =>
              account$.pipe(
                take(1),
                mergeMap((account) => issue(account, it)),
                // What became of a command is seen in its frames and notices; it must not end the
                // run.
                catchError(() => EMPTY),
              ),
            ),
            ignoreElements(),
          )
        : EMPTY
      outputs[`ready(${platform})`] = merge(account$.pipe(switchMap((account) => account.ready$)), commands$)
      outputs[`orders(${platform})`] = account$.pipe(
        switchMap((account) => account.order$),
        map(({ order_no, status }) => `${order_no} ${status}`),
      )
      outputs[`fills(${platform})`] = account$.pipe(
        switchMap((account) => account.fill$),
        map(({ order_no, side, quantity, price }) => `${order_no} ${side} ${quantity} @ ${price}`),
      )
    }
    return Object.fromEntries(Object.entries(outputs).filter(([name]) => kit.lanes.includes(name)))
  }
