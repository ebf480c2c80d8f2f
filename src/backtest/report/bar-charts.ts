import { mean } from '../statistics/numbers.js'
import { percent } from './format.js'
import { html, type Markup } from './markup.js'
import { across, at, extent, HALF, lowerAxis, path, picture, ticks, upward, valueAxis } from './plot.js'

const HISTOGRAM_BARS = 24
const MOST_LABELS = 10

interface Day {
  readonly date: string
  readonly value: number
}

/** Draws one bar for each day, up or down from 0. */
export function dayBars(title: string, days: readonly Day[]): Markup {
  if (days.length === 0) return html`<p class="none">No whole day.</p>`
  const box = HALF
  const range = extent([0, ...days.map(({ value }) => value)])
  const y = upward(box, range)
  const width = (box.width - box.left - box.right) / days.length
  const bar = ({ value }: Day, index: number): string => {
    const [top, bottom] = [Math.min(y(0), y(value)), Math.max(y(0), y(value))]
    return `M${at(box.left + (index + 0.1) * width)},${at(top)}h${at(Math.max(0.4, width * 0.8))}V${at(Math.max(bottom, top + 0.5))}h-${at(Math.max(0.4, width * 0.8))}Z`
  }
  const every = Math.ceil(days.length / MOST_LABELS)
  const labels = days.flatMap(({ date }, index) =>
    index % every === 0 ? [{ x: box.left + (index + 0.5) * width, label: date.slice(5) }] : [],
  )
  const bars = (isIn: (day: Day) => boolean): string =>
    days.map((day, index) => (isIn(day) ? bar(day, index) : '')).join('')
  return picture(
    box,
    title,
    `${days.length} days, worst ${percent(range[0])}, best ${percent(range[1])}.`,
    html`${valueAxis(box, ticks(range), y, (value) => percent(value, 1))}${lowerAxis(box, labels)}${path(
      'up',
      bars(({ value }) => value >= 0),
    )}${path(
      'down',
      bars(({ value }) => value < 0),
    )}`,
  )
}

/** Draws how often returns of a size occur; the dashed line is their mean. */
export function histogram(title: string, values: readonly number[]): Markup {
  const [low, high] = extent(values)
  if (values.length < 2 || high === low) return html`<p class="none">Less than two different returns.</p>`
  const box = HALF
  const step = (high - low) / HISTOGRAM_BARS
  const counts = new Array<number>(HISTOGRAM_BARS).fill(0)
  for (const value of values) {
    const index = Math.min(HISTOGRAM_BARS - 1, Math.floor((value - low) / step))
    counts[index] = (counts[index] ?? 0) + 1
  }
  const range: [number, number] = [0, Math.max(...counts)]
  const [x, y] = [across(box, [low, high]), upward(box, range)]
  const bars = (isUp: boolean): string =>
    counts
      .map((count, index) => {
        const begin = low + index * step
        if (count === 0 || begin + step / 2 >= 0 !== isUp) return ''
        return `M${at(x(begin) + 0.5)},${at(y(0))}V${at(y(count))}H${at(x(begin + step) - 0.5)}V${at(y(0))}Z`
      })
      .join('')
  const middle = mean(values) ?? 0
  const labels = ticks([low, high], 5).map((value) => ({ x: x(value), label: percent(value, 1) }))
  return picture(
    box,
    title,
    `${values.length} returns, mean ${percent(middle)}.`,
    html`${valueAxis(box, ticks(range, 3).filter(Number.isInteger), y, String)}${lowerAxis(box, labels)}${path('up', bars(true))}${path('down', bars(false))}${path('mean', `M${at(x(middle))},${box.top}V${box.height - box.bottom}`)}`,
  )
}
