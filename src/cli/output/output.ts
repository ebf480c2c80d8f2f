import { format, inspect } from 'node:util'
import { type AccountState, standing } from '../dashboard/account-state.js'
import { feesOf, profitOf, valuedIn } from '../dashboard/account-value.js'
import type { Dashboard } from '../dashboard/dashboard.js'
import { logLine, milliseconds, namesOf, render } from './render.js'
import type { Stamped } from '../run/run-event.js'
import { quantile } from '../dashboard/series.js'
import { progressOf, renderSummary, type Summary } from './summary.js'
import { painted, unpainted } from '../format/text.js'
import { counted, money, signed } from '../format/numbers.js'
import { linesOf } from '../dashboard/words.js'

/** Display of a run. */
export interface Output {
  take(stamped: Stamped, before: Dashboard, after: Dashboard): void
  /** Ends the display and leaves its last state visible. */
  end(last: Dashboard, summary: Summary | undefined): void
}

/** Members of a terminal stream that are used here. */
export interface Terminal {
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
  on?(event: 'resize', listener: () => void): unknown
  off?(event: 'resize', listener: () => void): unknown
}

const HIDE_CURSOR = '\u001B[?25l'
export const SHOW_CURSOR = '\u001B[?25h'
const CLEAR_LINE = '\u001B[K'
const CLEAR_BELOW = '\u001B[J'
const CLEAR_SCREEN = '\u001B[2J\u001B[H'
const up = (lines: number): string => (lines > 0 ? `\u001B[${lines}A` : '')
const FRAME_MS = 80

/** Redraws the display in place. Other writes to the console appear in its log. */
export function liveOutput(terminal: Terminal, colours: boolean, write: (value: string) => void): Output {
  const paint = colours ? painted : unpainted
  const restore = takeConsole(write)
  let drawn = 0
  let latest: Dashboard | undefined
  let timer: NodeJS.Timeout | undefined

  const draw = (): void => {
    timer = undefined
    if (latest === undefined) return
    const lines = render(latest, { columns: terminal.columns ?? 80, rows: terminal.rows ?? 24, paint })
    terminal.write(
      `${HIDE_CURSOR}\r${up(drawn)}${lines.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`,
    )
    drawn = lines.length
  }
  const resized = (): void => {
    // The terminal has rewrapped the lines at a resize: begin with an empty screen.
    terminal.write(CLEAR_SCREEN)
    drawn = 0
    draw()
  }
  terminal.on?.('resize', resized)
  return {
    take: (_stamped, _before, after) => {
      latest = after
      timer ??= setTimeout(draw, FRAME_MS)
    },
    end: (last, summary) => {
      clearTimeout(timer)
      terminal.off?.('resize', resized)
      latest = last
      draw()
      restore()
      const lines = summary === undefined ? [] : renderSummary(summary, paint)
      terminal.write(`${SHOW_CURSOR}${lines.map((line) => `${line}\n`).join('')}`)
    },
  }
}

const STATUS_EVERY_MS = 5_000

/**
 * Prints one line for each event and a status of each account every 5 s: for files, pipes and CI.
 */
export function plainOutput(terminal: Terminal): Output {
  let statusAt = 0
  let titled = false
  const print = (line: string): void => void terminal.write(`${line}\n`)
  return {
    take: ({ at, event }, before, after) => {
      if (!titled) print(`${after.title}, ${after.venue}, ${after.url}`)
      titled = true
      for (const line of linesOf(before, event)) print(logLine({ at, ...line }, namesOf(after), unpainted))
      if (event.type !== 'tick' || after.beganAt === undefined || at - statusAt < STATUS_EVERY_MS) return
      statusAt = at
      for (const account of after.accounts.values()) {
        print(
          logLine(
            { at, platform: account.platform, kind: 'note', text: inShort(account, after) },
            namesOf(after),
            unpainted,
          ),
        )
      }
    },
    end: (_last, summary) => {
      if (summary !== undefined) for (const line of renderSummary(summary, unpainted)) print(line)
    },
  }
}

const inShort = (account: AccountState, { pings }: Dashboard): string => {
  const [unit, profit, fees, ping] = [valuedIn(account), profitOf(account), feesOf(account), quantile(pings, 0.5)]
  return [
    standing(account),
    counted(account.sent, 'order'),
    `${account.open.size} open`,
    counted(account.fills, 'fill'),
    fees === undefined ? '' : `fees ${money(fees)} ${unit}`,
    profit === undefined ? '' : `profit ${signed(profit)} ${unit}`,
    ping === undefined ? '' : `ping ${milliseconds(ping)}`,
  ]
    .filter((text) => text !== '')
    .join(', ')
}

/** Prints events as JSON lines, the progress every 5 s, and the summary last. */
export function jsonOutput(terminal: Terminal): Output {
  let toldAt = 0
  const print = (value: object): void => void terminal.write(`${inJson(value)}\n`)
  return {
    take: ({ at, event }, _before, after) => {
      if (event.type === 'orderEvent') return
      if (event.type !== 'tick') {
        print({ at: Math.round(at), ...event })
      } else if (after.beganAt !== undefined && at - toldAt >= STATUS_EVERY_MS) {
        toldAt = at
        print(progressOf(after))
      }
    },
    end: (last, summary) => {
      if (summary !== undefined) print({ at: Math.round(last.now), type: 'summary', ...summary })
    },
  }
}

/**
 * Formats as JSON. A value that JSON cannot hold (an Account, a cycle, a bigint) is formatted by
 * `inspect`.
 */
const inJson = (event: object): string => {
  try {
    return JSON.stringify(event, errorsInWords)
  } catch {
    const value = 'value' in event ? inspect(event.value, { breakLength: Infinity, depth: 3 }) : undefined
    return JSON.stringify({ ...event, value }, errorsInWords)
  }
}

const errorsInWords = (_key: string, value: unknown): unknown =>
  value instanceof Error ? { ...Object.fromEntries(Object.entries(value)), message: value.message } : value

/** Redirects the console to `write`; returns a function that restores it. */
function takeConsole(write: (text: string) => void): () => void {
  const { log, info, warn, error, debug } = console
  const told = (...values: readonly unknown[]): void => write(format(...values))
  Object.assign(console, { log: told, info: told, warn: told, error: told, debug: told })
  return () => Object.assign(console, { log, info, warn, error, debug })
}
