import { expect } from '@jest/globals'
import { type Account, connect, type ConnectOptions, type Gateway, type LoginOptions } from '../../src/client/index.js'
import { type Handler, type ScriptedServer, scriptedServer } from './scripted-server.js'
import { type Watched, watch } from './watch.js'

export const credentials = {
  platform: 'huobi',
  symbols: ['BTC/USDT'],
  access_key: 'my-access-key',
  secret_key: 'my-secret-key',
}

export const limitOrder = { symbol: 'BTC/USDT', action: 'BUY', price: 100, quantity: 2, order_type: 'LIMIT' } as const

/** An order as a notice tells it. */
export const orderNotice = (fields: object = {}): object => ({
  symbol: 'BTC/USDT',
  order_no: '1',
  action: 'BUY',
  price: 100,
  quantity: 2,
  remain: 2,
  status: 'SUBMITTED',
  order_type: 'LIMIT',
  ctime: 1,
  utime: 1,
  ...fields,
})

/** A fill of order 1 as a notice tells it. */
export const fillNotice = (fill_no: string, quantity: number, fields: object = {}): object => ({
  symbol: 'BTC/USDT',
  order_no: '1',
  fill_no,
  price: 100,
  quantity,
  side: 'BUY',
  liquidity: 'MAKER',
  ctime: 1,
  ...fields,
})

/** A position as a reply tells it; a notice adds the symbol. */
export const positionData = (long_quantity: number, utime: number | null = 1) => ({
  margin_mode: 'crossed',
  ...Object.fromEntries(
    ['long', 'short'].flatMap((side) =>
      ['quantity', 'avail_qty', 'open_price', 'hold_price', 'liquid_price', 'unrealised_pnl', 'leverage', 'margin'].map(
        (field) => [`${side}_${field}`, 0],
      ),
    ),
  ),
  long_quantity,
  utime,
})

export interface Scene {
  readonly server: ScriptedServer
  readonly gateway: Gateway
  readonly login: Watched<Account>
  readonly account: Account
  pass(ms: number): void
}

/** A client that has just begun to log in to a scripted server. */
export const loggingIn = (
  handlers: Record<string, Handler> = {},
  options: ConnectOptions = {},
  loginOptions: LoginOptions = {},
): Omit<Scene, 'account'> => {
  const server = scriptedServer(handlers)
  const gateway = connect(server.transport, { ...server.options, ...options })
  const login = watch(gateway.login(credentials, loginOptions))
  return { server, gateway, login, pass: (ms) => server.scheduler.advanceBy(ms) }
}

/** A client whose login is READY. */
export const loggedIn = (...args: Parameters<typeof loggingIn>): Scene => {
  const scene = loggingIn(...args)
  scene.pass(100)
  const account = scene.login.values[0]
  if (account === undefined) throw new Error('the login gave no Account')
  return { ...scene, account }
}

export const expectError = <E>(watched: Watched<unknown>, type: new (...args: never[]) => E): E => {
  expect(watched.error).toBeInstanceOf(type)
  return watched.error as E
}
