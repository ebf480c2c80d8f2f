import type { ScenarioRun } from '../run/scenario-run.js'
import { type DrawnLane, type Layout, layOut, type Mark, size, type System } from './layout.js'

/** Text beside the lanes. */
export interface Caption {
  readonly title: string
  readonly text?: string
  /** Stands in a box between what goes in and what comes out, as `debounceTime(1000)`. */
  readonly code?: string
}

/** Hues that keep apart in light and in dark, and for most who confuse red and green. */
const hues = 8

const style = `
    svg { color-scheme: light dark; }
    .page { fill: #ffffff; stroke: #d8dee6; }
    text { font: ${size.font}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2933; }
    .name { font-weight: 600; }
    .time { fill: #66727f; font-size: 11px; }
    .guide { stroke: #e7ebf0; }
    .line, .end { stroke: #52606d; stroke-width: 1.6; fill: none; }
    .end { stroke-width: 3; stroke-linecap: round; }
    .arrow, .sub { fill: #52606d; }
    .box { fill: #f1f5f9; stroke: #9aa8b7; }
    .code { fill: #334155; }
    .pill { stroke-width: 1.4; }
    .p0 { fill: #dbeafe; stroke: #3b82f6; } .p1 { fill: #fef3c7; stroke: #d97706; } .p2 { fill: #dcfce7; stroke: #16a34a; }
    .p3 { fill: #f3e8ff; stroke: #9333ea; } .p4 { fill: #cffafe; stroke: #0891b2; } .p5 { fill: #fce7f3; stroke: #db2777; }
    .p6 { fill: #e0e7ff; stroke: #4f46e5; } .p7 { fill: #ecfccb; stroke: #65a30d; }
    .error { fill: #fee2e2; stroke: #dc2626; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0f1720; stroke: #2b3644; }
      text { fill: #e5eaf0; }
      .time { fill: #93a1b0; }
      .guide { stroke: #1f2a37; }
      .line, .end { stroke: #9aa8b7; }
      .arrow, .sub { fill: #9aa8b7; }
      .box { fill: #17212d; stroke: #4b5a6b; }
      .code { fill: #d5dde6; }
      .p0 { fill: #14315c; stroke: #60a5fa; } .p1 { fill: #4a2f07; stroke: #fbbf24; } .p2 { fill: #0c3b21; stroke: #4ade80; }
      .p3 { fill: #37185c; stroke: #c084fc; } .p4 { fill: #083b47; stroke: #22d3ee; } .p5 { fill: #500f31; stroke: #f472b6; }
      .p6 { fill: #262269; stroke: #818cf8; } .p7 { fill: #28390a; stroke: #a3e635; }
      .error { fill: #4c1010; stroke: #f87171; }
    }`

const escape = (text: string): string =>
  text.replace(/[&<>"\p{Cc}]/gu, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? ' ')

const n = (value: number): string => String(Math.round(value * 10) / 10)

/** `textLength` makes every face as wide as the box was measured for. */
const label = (x: number, y: number, text: string, classes: string, anchor = 'middle'): string =>
  `<text class="${classes}" x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" textLength="${n(text.length * (classes.includes('time') ? 6.7 : size.character - 0.1))}" lengthAdjust="spacingAndGlyphs">${escape(text)}</text>`

/** The same word has the same colour in every lane; the arguments make no difference. */
const hueOf = (text: string, known: Map<string, number>): number => {
  const word = /^[^({\s]+/.exec(text)?.[0] ?? text
  const key = /^[-\d.]/.test(word) ? 'number' : word
  const hue = known.get(key) ?? known.size % hues
  known.set(key, hue)
  return hue
}

const drawMark = (mark: Mark, y: number, known: Map<string, number>): string[] => {
  const { kind, x, width, level } = mark
  if (kind === 'complete') return []
  if (kind === 'subscribe') return [`<path class="sub" d="M${n(x - 5)} ${n(y + 16)} l5 -9 l5 9 z"/>`]
  if (kind === 'unsubscribe') return [`<path class="sub" d="M${n(x - 5)} ${n(y - 16)} l5 9 l5 -9 z"/>`]
  const middle = y + level * size.stack
  const classes = kind === 'error' ? 'pill error' : `pill p${hueOf(mark.label, known)}`
  const pill = `<rect class="${classes}" x="${n(x - width / 2)}" y="${n(middle - size.pill / 2)}" width="${n(width)}" height="${size.pill}" rx="${size.pill / 2}"/>`
  // A wide label may reach over its neighbours' instants: the tick says which one is its own.
  const tick =
    width > 40 && level === 0 ? `<path class="${classes}" d="M${n(x)} ${n(middle - size.pill / 2)} v-5"/>` : ''
  const text = tick + label(x, middle + 4.2, mark.label, 'label')
  return mark.full === mark.label ? [pill, text] : [`<g><title>${escape(mark.full)}</title>${pill}${text}</g>`]
}

const drawLane = (lane: DrawnLane, system: System, layout: Layout, known: Map<string, number>): string[] => {
  const y = system.top + lane.y
  const name = label(layout.left - 14, y + 4.2, lane.name, 'name', 'end')
  const right = lane.endX ?? system.right
  const complete = lane.marks.some(({ kind }) => kind === 'complete') && lane.endX !== undefined
  return [
    name,
    `<path class="line" d="M${n(layout.left)} ${n(y)} H${n(right)}"/>`,
    ...(lane.endX === undefined
      ? [`<path class="arrow" d="M${n(right)} ${n(y - 4)} l7 4 l-7 4 z"/>`]
      : complete
        ? [`<path class="end" d="M${n(right)} ${n(y - 12)} v24"/>`]
        : []),
    ...lane.marks.flatMap((mark) => drawMark(mark, y, known)),
  ]
}

const drawSystem = (system: System, layout: Layout, known: Map<string, number>): string[] => {
  const bottom = system.top + system.height - 6
  const guides = system.instants.map(
    ({ x }) => `<path class="guide" d="M${n(x)} ${n(system.top + 18)} V${n(bottom)}"/>`,
  )
  const times = system.instants.map(({ x, label: text }) => label(x, system.top + 12, text, 'time'))
  const { code } = layout
  const width = layout.width - layout.left - size.margin
  const box =
    code === undefined || system.codeY === undefined
      ? []
      : [
          `<rect class="box" x="${n(layout.left)}" y="${n(system.top + system.codeY)}" width="${n(width)}" height="32" rx="6"/>`,
          label(layout.left + width / 2, system.top + system.codeY + 20.2, code, 'code'),
        ]
  return [...guides, ...times, ...system.lanes.flatMap((lane) => drawLane(lane, system, layout, known)), ...box]
}

/**
 * Draws a run as an SVG that is legible in light and in dark. The same run gives the same text,
 * byte for byte.
 */
export const drawSvg = (run: ScenarioRun, { title, text, code }: Caption): string => {
  const layout = layOut(run, code)
  const known = new Map<string, number>()
  const { width, height } = layout
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    `  <title id="title">${escape(title)}</title>`,
    ...(text === undefined ? [] : [`  <desc>${escape(text)}</desc>`]),
    `  <style>${style}\n  </style>`,
    `  <rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10"/>`,
    ...layout.systems.flatMap((system) => drawSystem(system, layout, known)).map((line) => `  ${line}`),
    '</svg>',
  ].join('\n')}\n`
}
