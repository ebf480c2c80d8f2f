import type { BacktestEvent } from '../../backtest/index.js'
import { number } from '../format/numbers.js'

type Progress = Extract<BacktestEvent, { type: 'progress' }>

const seconds = (ms: number): string => {
  const whole = Math.ceil(ms / 1_000)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

/** Progress of a run as one line: share, market time, events per second, time to go, equity. */
export function progressLine(
  { atMs, bytesRead, bytesTotal, perSecond, etaMs }: Progress,
  equity: number | undefined,
): string {
  const share = bytesTotal > 0 ? Math.min(1, bytesRead / bytesTotal) : 0
  const filled = Math.round(share * 20)
  return [
    `${'━'.repeat(filled)}${'·'.repeat(20 - filled)} ${String(Math.floor(100 * share)).padStart(3)} %`,
    new Date(atMs).toISOString().slice(0, 10),
    perSecond === undefined ? undefined : `${number(perSecond, 0)} events/s`,
    etaMs === undefined ? undefined : `${seconds(etaMs)} to go`,
    equity === undefined ? undefined : `equity ${number(equity, 2)}`,
  ]
    .filter((part) => part !== undefined)
    .join('  ')
}
