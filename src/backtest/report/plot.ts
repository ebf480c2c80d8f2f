import { html, type Markup, raw } from './markup.js'

/** Maps a value to a coordinate. */
export type Scale = (value: number) => number

/** Size of a picture and the margins of its axes, in units of the SVG. */
export interface Box {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export const WIDE: Box = { width: 1132, height: 240, left: 64, right: 12, top: 10, bottom: 24 }
export const HALF: Box = { width: 554, height: 220, left: 56, right: 12, top: 10, bottom: 24 }

/** A coordinate with one decimal. */
export const at = (value: number): string => String(Math.round(value * 10) / 10)

export function linear(from: readonly [number, number], to: readonly [number, number]): Scale {
  const span = from[1] - from[0]
  return (value) => (span === 0 ? (to[0] + to[1]) / 2 : to[0] + ((value - from[0]) / span) * (to[1] - to[0]))
}

/** Smallest and largest of values, without spreading them into arguments; 0 and 1 of none. */
export function extent(values: Iterable<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low > high ? [0, 1] : [low, high]
}

export const across = (box: Box, range: readonly [number, number]): Scale =>
  linear(range, [box.left, box.width - box.right])
export const upward = (box: Box, range: readonly [number, number]): Scale =>
  linear(range, [box.height - box.bottom, box.top])

const steps = [1, 2, 2.5, 5, 10]

/** Round numbers within a range, some `count` of them. */
export function ticks([low, high]: readonly [number, number], count = 4): number[] {
  if (!(high > low)) return [low]
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = (steps.find((each) => each * power >= rough) ?? 10) * power
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)))
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
const timeSteps = [
  HOUR / 60,
  HOUR / 12,
  HOUR / 4,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  4 * DAY,
  7 * DAY,
  14 * DAY,
]

/** Instants for a time axis in UTC with their labels: hours, days or months. */
export function timeTicks([from, to]: readonly [number, number], count = 9): { ms: number; label: string }[] {
  const step = timeSteps.find((each) => (to - from) / each <= count)
  if (step !== undefined) {
    const first = Math.ceil(from / step)
    const length = Math.max(0, Math.floor(to / step) - first + 1)
    return Array.from({ length }, (_, index) => {
      const ms = (first + index) * step
      const iso = new Date(ms).toISOString()
      return { ms, label: ms % DAY === 0 ? iso.slice(5, 10) : iso.slice(11, 16) }
    })
  }
  const months = ((to - from) / DAY / 30.44 / count) | 0
  const every = [1, 2, 3, 6, 12].find((each) => each > months) ?? 12 * Math.ceil(months / 12)
  const found: { ms: number; label: string }[] = []
  const start = new Date(from)
  for (let month = start.getUTCFullYear() * 12; ; month += every) {
    const ms = Date.UTC(0, month)
    if (ms > to) return found
    if (ms >= from) found.push({ ms, label: new Date(ms).toISOString().slice(0, 7) })
  }
}

/** Horizontal grid lines with labels at the left. */
export const valueAxis = (box: Box, values: readonly number[], y: Scale, label: (value: number) => string): Markup =>
  html`${values.map((value) => html`<path class="grid" d="M${box.left},${at(y(value))}H${box.width - box.right}"/><text class="tick end" x="${box.left - 6}" y="${at(y(value) + 3.5)}">${label(value)}</text>`)}`

/** Labels below. */
export const lowerAxis = (box: Box, labels: readonly { readonly x: number; readonly label: string }[]): Markup =>
  html`${labels.map(({ x, label }) => html`<text class="tick mid" x="${at(Math.min(x, box.width - 18))}" y="${box.height - 7}">${label}</text>`)}`

export const timeAxis = (box: Box, range: readonly [number, number], x: Scale): Markup =>
  lowerAxis(
    box,
    timeTicks(range).map(({ ms, label }) => ({ x: x(ms), label })),
  )

/** A picture with a title and a description in words, for those who cannot see it. */
export const picture = (box: Box, title: string, description: string, body: Markup): Markup =>
  html`<svg viewBox="0 0 ${box.width} ${box.height}" role="img" aria-label="${title}. ${description}"><title>${title}</title><desc>${description}</desc>${body}</svg>`

/** A path through points, or nothing of none. */
export const path = (name: string, commands: string): Markup =>
  commands === '' ? raw('') : html`<path class="${name}" d="${commands}"/>`

export const through = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${at(x)},${at(y)}`).join('')

/**
 * Indices that a line of `buckets` pixels needs to look like all values: the first, lowest, highest
 * and last of each pixel (M4 of Jugel and others, 2014).
 */
export function visibleIndices(values: readonly number[], buckets: number): number[] {
  const size = values.length / buckets
  if (size <= 4) return values.map((_, index) => index)
  const indices: number[] = []
  for (let bucket = 0; bucket < buckets; bucket++) {
    const [begin, end] = [Math.floor(bucket * size), Math.floor((bucket + 1) * size)]
    let [low, high] = [begin, begin]
    for (let index = begin; index < end; index++) {
      if ((values[index] ?? 0) < (values[low] ?? 0)) low = index
      if ((values[index] ?? 0) > (values[high] ?? 0)) high = index
    }
    indices.push(...[...new Set([begin, low, high, end - 1])].sort((a, b) => a - b))
  }
  return indices
}
