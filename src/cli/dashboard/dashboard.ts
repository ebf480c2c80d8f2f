import type { Status } from '../../client/index.js'
import { reduceAccount, sampled } from './reduce-account.js'
import { type AccountState, newAccount } from './account-state.js'
import type { Stamped } from '../run/run-event.js'
import { type Kind, linesOf } from './words.js'

/** A line of what happened. */
export interface LogLine {
  readonly at: number
  readonly platform: string
  readonly kind: Kind
  readonly text: string
}

/** What is shown of a run. Immutable; made of events alone. */
export interface Dashboard {
  readonly title: string
  /** Where it trades, in words. */
  readonly venue: string
  readonly url: string
  /** When the strategy began, and when it will be stopped, in ms of the run; undefined: not yet, or not at all. */
  readonly beganAt: number | undefined
  readonly endsAt: number | undefined
  readonly now: number
  /** Whether all are logged out. */
  readonly left: boolean
  readonly status: Status
  /** How much of a recorded market has been played, from 0 to 1. */
  readonly market: number | undefined
  /** Round trips, in ms: the newest so many. */
  readonly pings: readonly number[]
  readonly orderTrips: readonly number[]
  readonly accounts: ReadonlyMap<string, AccountState>
  /** The newest last. */
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

/** What one event makes of the dashboard. */
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
