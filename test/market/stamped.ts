import type { MarketEvent } from '../../src/market/index.js'

/** When the recordings of these tests begin: a whole minute of 2020, for small times since 1970 are refused. */
const START_MS = 1_600_000_020_000

/** CSV rows whose first field counts from zero, with times that can be. */
export const stamped = (rows: string): string =>
  rows.replaceAll(/^\d+(?=,)/gm, (text) => String(START_MS + Number(text)))

/** The same events with times that count from zero again. */
export const unstamped = (event: MarketEvent): MarketEvent =>
  event.type === 'progress' ? event : { ...event, timestamp: event.timestamp - START_MS }
