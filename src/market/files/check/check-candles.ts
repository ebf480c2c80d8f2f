import { detectPeriod, periodInWords, spanFrom } from '../candles/candle-period.js'
import { candleOf } from '../candles/candle-row.js'
import type { Candle } from '../candles/candle-trades.js'
import type { Recording } from '../recording.js'
import { instant } from '../table/recorded-time.js'
import { Findings } from './findings.js'
import { outliers } from './outliers.js'

interface Placed {
  readonly candle: Candle
  readonly line: number
}

/** Checks candles: order, duplicates, gaps, volumes of zero, and prices far off. */
export const checkCandles = async (
  recording: Recording,
): Promise<{ readonly facts: readonly string[]; readonly findings: readonly string[] }> => {
  const { unit } = recording
  const findings = new Findings(unit)
  const sound: Placed[] = []
  let rows = 0
  for await (const piece of recording.rows())
    for (const row of piece.rows) {
      rows += 1
      const candle = findings.try(() => candleOf(row))
      if (candle === undefined) continue
      if (candle.volume === 0) findings.add('candles with a volume of zero', row.line, instant(candle.timestamp))
      const last = sound.at(-1)
      if (last !== undefined && candle.timestamp < last.candle.timestamp)
        findings.add('candles out of order', row.line, `${instant(candle.timestamp)}, after ${unit} ${last.line}`)
      else if (candle.timestamp === last?.candle.timestamp)
        findings.add('duplicates', row.line, `${instant(candle.timestamp)}, as ${unit} ${last.line}`)
      else sound.push({ candle, line: row.line })
    }
  const times = sound.map(({ candle }) => candle.timestamp)
  const period = detectPeriod(times)
  if (period !== undefined)
    for (const [index, { candle, line }] of sound.entries()) {
      const { missing } = spanFrom(candle.timestamp, times[index + 1], period)
      if (missing > 0) findings.add('gaps', line, `${missing} missing after ${instant(candle.timestamp)}`)
    }
  const closes = sound.map(({ candle }) => candle.close)
  const pricesAt = (index: number): readonly number[] => {
    const candle = sound[index]?.candle
    return candle === undefined ? [] : [candle.high, candle.low, candle.close, candle.open]
  }
  for (const { index, price, usual } of outliers(closes, pricesAt))
    findings.add('prices far off', sound[index]?.line ?? 0, `${price} among prices of ${usual}`)
  const words = period === undefined ? '' : ` of ${periodInWords(period)}`
  const span = times.length === 0 ? '' : `, ${instant(times[0] ?? 0)} to ${instant(times.at(-1) ?? 0)}`
  return { facts: [`${rows} candles${words}${span}`], findings: findings.words() }
}
