import { html, type Markup } from './markup.js'
import {
  across,
  type Box,
  extent,
  path,
  picture,
  through,
  ticks,
  timeAxis,
  upward,
  valueAxis,
  visibleIndices,
  WIDE,
} from './plot.js'

/** A line over time. */
export interface Line {
  /** Class of the style sheet: `main`, `bench`, `fall`. */
  readonly look: string
  readonly points: readonly { readonly atMs: number; readonly value: number }[]
}

interface LineChart {
  readonly title: string
  readonly lines: readonly Line[]
  readonly label: (value: number) => string
  /** Fills the space between the first line and 0. @default false */
  readonly filled?: boolean
  readonly box?: Box
}

/** Points of a line that can be seen. */
const drawn = ({ points }: Line): Line['points'] =>
  visibleIndices(
    points.map(({ value }) => value),
    600,
  ).flatMap((index) => points[index] ?? [])

/** Draws lines over time, thinned to what can be seen. */
export function lineChart({ title, lines, label, filled = false, box = WIDE }: LineChart): Markup {
  const first = lines[0]?.points ?? []
  if (first.length === 0) return html`<p class="none">No values.</p>`
  const all = lines.flatMap((line) => line.points)
  const range = extent(all.map(({ atMs }) => atMs))
  const [low, high] = extent(filled ? [0, ...all.map(({ value }) => value)] : all.map(({ value }) => value))
  const rise = high === low ? Math.abs(high) * 0.01 || 1 : 0
  const values: [number, number] = [low - rise, high + rise]
  const [x, y] = [across(box, range), upward(box, values)]
  const shown = lines.map((line) => ({
    look: line.look,
    commands: through(drawn(line).map(({ atMs, value }): [number, number] => [x(atMs), y(value)])),
  }))
  const own = extent(first.map(({ value }) => value))
  const words = `From ${label(first[0]?.value ?? 0)} to ${label(first.at(-1)?.value ?? 0)}, lowest ${label(own[0])}, highest ${label(own[1])}.`
  const area =
    filled && shown[0] ? path('area', `${shown[0].commands}L${x(range[1])},${y(0)}L${x(range[0])},${y(0)}Z`) : undefined
  return picture(
    box,
    title,
    words,
    html`${valueAxis(box, ticks(values), y, label)}${timeAxis(box, range, x)}${area}${[...shown].reverse().map(({ look, commands }) => path(`line ${look}`, commands))}`,
  )
}
