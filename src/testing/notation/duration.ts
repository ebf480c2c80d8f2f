const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** `250ms`, `1.5s`, `2m`, `1h`. */
export const durationPattern = /(\d+(?:\.\d+)?)(ms|s|m|h)(?![\w$.(])/y

/** Milliseconds; a tenth of a second written as `0.1s` is 100, not 100.00000000000001. */
export const durationMs = (amount: string, unit: string): number =>
  Number((Number(amount) * unitsMs[unit as keyof typeof unitsMs]).toFixed(6))

/** The shortest exact way to write a time: `250ms`, `1.5s`, `2m`, `1h`. */
export const formatMs = (ms: number): string => {
  if (ms < 0) return `-${formatMs(-ms)}`
  if (ms === 0) return '0'
  if (ms < 1000) return `${Number(ms.toFixed(6))}ms`
  for (const unit of ['h', 'm', 's'] as const) {
    const whole = ms / unitsMs[unit]
    if (unit === 's' || Number.isInteger(whole)) return `${Number(whole.toFixed(6))}${unit}`
  }
  return `${ms}ms`
}
