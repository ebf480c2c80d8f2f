import type { Status } from '../../client/index.js'
import { reduceAccount, sampled } from './reduce-account.js'
import { type AccountState, newAccount } from './account-state.js'
import type { Stamped } from '../run/run-event.js'
import { type Kind, linesOf } from './words.js'

/** Line of the event log. */
export interface LogLine {
  readonly at: number
  readonly platform: string
  readonly kind: Kind
  readonly text: string
}

/** State of the display. Immutable; derived from events alone. */
export interface Dashboard {
  readonly title: string
  /** Description of the gateway or market. */
  readonly venue: string
  readonly url: string
  /**
   * Times at which the strategy began and will be stopped, in ms of the run; undefined while not
   * known.
   */
  readonly beganAt: number | undefined
  readonly endsAt: number | undefined
  readonly now: number
  /** True once all accounts are logged out. */
  readonly left: boolean
  readonly status: Status
  /** Share of a recorded market that has been played, from 0 to 1. */
  readonly market: number | undefined
  /** Newest round trips, in ms. */
  readonly pings: readonly number[]
  readonly orderTrips: readonly number[]
  readonly accounts: ReadonlyMap<string, AccountState>
  /** Oldest first. */
  readonly log: readonly LogLine[]
}

export interface DashboardOptions {
  readonly title: string
  readonly venue: string
  readonly url: string
  readonly logins: readonly { readonly platform: string; readonly symbols: readonly string[] }[]
}

export const newDashboard = ({ logins, ...rest }: DashboardOptions): Dashboard => ({
  ...rest,
  beganAt: undefined,
  endsAt: undefined,
  now: 0,
  left: false,
  status: { _tag: 'Idle' },
  market: undefined,
  pings: [],
  orderTrips: [],
  accounts: new Map(logins.map(({ platform, symbols }) => [platform, newAccount(platform, symbols)])),
  log: [],
})

const TRIPS = 10_000
const LOG = 100

/** Applies one event to the dashboard. */
export function reduceDashboard(before: Dashboard, { at, event }: Stamped): Dashboard {
  const told = linesOf(before, event).map((line): LogLine => ({ at, ...line }))
  const dashboard = {
    ...before,
    now: Math.max(before.now, at),
    log: told.length === 0 ? before.log : [...before.log, ...told].slice(-LOG),
  }
  switch (event.type) {
    case 'began':
      return { ...dashboard, beganAt: at, endsAt: event.forMs === undefined ? undefined : at + event.forMs }
    case 'left':
      return { ...dashboard, left: true }
    case 'tick':
      return {
        ...dashboard,
        accounts: new Map([...before.accounts].map(([platform, account]) => [platform, sampled(account)])),
      }
    case 'status':
      return { ...dashboard, status: event.status }
    case 'latency':
      return { ...dashboard, pings: [...before.pings, event.ms].slice(-TRIPS) }
    case 'market':
      return { ...dashboard, market: event.share }
    case 'said':
    case 'note':
    case 'error':
      return dashboard
    default: {
      const account = before.accounts.get(event.platform)
      if (account === undefined) return dashboard
      return {
        ...dashboard,
        orderTrips: event.type === 'placed' ? [...before.orderTrips, event.ms].slice(-TRIPS) : before.orderTrips,
        accounts: new Map(before.accounts).set(event.platform, reduceAccount(account, event)),
      }
    }
  }
}
