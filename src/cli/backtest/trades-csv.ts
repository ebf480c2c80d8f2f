import type { RunTrade } from '../../backtest/index.js'

const HEADS =
  'opened,closed,symbol,side,held_ms,quantity,entry_price,exit_price,gross,fees,net,return,mae,mfe,exit_reason'

/** A spreadsheet takes a text that begins so for a formula. */
const formula = /^[=+\-@\t\r]/

const textCell = (text: string): string => {
  const safe = formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const cell = (value: number | string | undefined): string =>
  value === undefined ? '' : typeof value === 'number' ? String(value) : textCell(value)

/** Round trips as CSV with a header; times are ISO 8601 in UTC, money is in quote currency. */
export const tradesToCsv = (trades: readonly RunTrade[]): string =>
  [
    HEADS,
    ...trades.map((trade) =>
      [
        new Date(trade.openTime).toISOString(),
        new Date(trade.closeTime).toISOString(),
        trade.symbol,
        trade.side,
        trade.durationMs,
        trade.quantity,
        trade.entryPrice,
        trade.exitPrice,
        trade.gross,
        trade.fees,
        trade.net,
        trade.returnOnEntry,
        trade.mae,
        trade.mfe,
        trade.exitReason,
      ]
        .map(cell)
        .join(','),
    ),
    '',
  ].join('\n')
