import { duration, percent } from './format.js'
import { html, type Markup } from './markup.js'
import { across, at, extent, HALF, lowerAxis, path, picture, ticks, upward, valueAxis } from './plot.js'

const MINUTE = 60_000
const marks = [1 / 60, 1, 10, 60, 360, 1440, 7 * 1440, 30 * 1440].map((minutes) => minutes * MINUTE)

interface Point {
  readonly durationMs: number
  readonly returnOnEntry: number | undefined
}

/** Draws the result of trades against how long they lasted, on a logarithmic scale. */
export function tradeScatter(title: string, trades: readonly Point[]): Markup {
  const points = trades.flatMap(({ durationMs, returnOnEntry }) =>
    returnOnEntry === undefined ? [] : [{ length: Math.log10(Math.max(durationMs, 1)), value: returnOnEntry }],
  )
  if (points.length === 0) return html`<p class="none">No trade was closed.</p>`
  const box = HALF
  const lengths = extent(points.map(({ length }) => length))
  const span: [number, number] = [lengths[0] - 0.1, lengths[1] + 0.1]
  const values = extent([0, ...points.map(({ value }) => value)])
  const [x, y] = [across(box, span), upward(box, values)]
  // Points at the same place are drawn once: ten thousand trades make no larger a file.
  const dots = (isIn: (value: number) => boolean): string =>
    [
      ...new Set(points.flatMap(({ length, value }) => (isIn(value) ? [`M${at(x(length))},${at(y(value))}h0`] : []))),
    ].join('')
  const labels = marks.flatMap((ms) => {
    const place = Math.log10(ms)
    return place < span[0] || place > span[1] ? [] : [{ x: x(place), label: duration(ms).replace('.0', '') }]
  })
  const won = points.filter(({ value }) => value > 0).length
  return picture(
    box,
    title,
    `${points.length} trades, ${won} won; worst ${percent(values[0])}, best ${percent(values[1])}.`,
    html`${valueAxis(box, ticks(values), y, (value) => percent(value, 1))}${lowerAxis(box, labels)}${path('mean', `M${box.left},${at(y(0))}H${box.width - box.right}`)}${path(
      'dots won',
      dots((value) => value > 0),
    )}${path(
      'dots lost',
      dots((value) => value <= 0),
    )}`,
  )
}
