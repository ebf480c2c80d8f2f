/* global document, getComputedStyle, matchMedia, atob, ResizeObserver */
// Runs in the page of a report: draws prices and fills with lightweight-charts and long lines with uPlot in place of the static pictures, which
// stay for paper. Bundled by bundle.js; it reads the JSON in the page and loads nothing.
import { CandlestickSeries, createChart, createSeriesMarkers } from 'lightweight-charts'
import uPlot from 'uplot'

const node = document.getElementById('run')
const run = JSON.parse(node.textContent)
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer
const floats = (text) => new Float32Array(bytes(text))
const seconds = (text) => Array.from(new Uint32Array(bytes(text)))
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
const dateOf = (s) => new Date(s * 1e3)
const minuteOf = (s) => dateOf(s).toISOString().slice(0, 16).replace('T', ' ')
const numbers = new Map()
const number = (value, decimals) => {
  if (!numbers.has(decimals))
    numbers.set(
      decimals,
      new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
    )
  return numbers.get(decimals).format(value).replace('-', '−')
}
const decimalsOf = (value) => (value >= 1000 ? 2 : Math.max(0, Math.min(12, 4 - Math.floor(Math.log10(value || 1)))))

let undo = []

/** Puts a live chart before the static picture of a section, and hides that on the screen. */
const place = (holder, height, label) => {
  const live = document.createElement('div')
  live.className = 'live'
  live.style.height = height + 'px'
  live.setAttribute('role', 'img')
  live.setAttribute('aria-label', label)
  holder.prepend(live)
  holder.classList.add('has-live')
  undo.push(() => {
    live.remove()
    holder.classList.remove('has-live')
  })
  return live
}

const drawPrice = (holder, chart) => {
  const live = place(holder, 380, holder.querySelector('svg')?.getAttribute('aria-label') ?? '')
  const precision = decimalsOf(floats(chart.close)[0])
  const api = createChart(live, {
    autoSize: true,
    layout: { background: { color: 'transparent' }, textColor: css('--dim'), attributionLogo: true, fontSize: 11 },
    grid: { vertLines: { color: css('--line') }, horzLines: { color: css('--line') } },
    localization: { locale: 'en-GB', timeFormatter: minuteOf },
    timeScale: { timeVisible: true, minBarSpacing: 0.02, borderColor: css('--line') },
    rightPriceScale: { borderColor: css('--line'), scaleMargins: { top: 0.06, bottom: 0.06 } },
    crosshair: { mode: 0 },
    handleScroll: { mouseWheel: false },
    handleScale: { mouseWheel: true },
  })
  const [up, down] = [css('--up'), css('--down')]
  const series = api.addSeries(CandlestickSeries, {
    upColor: up,
    downColor: down,
    wickUpColor: up,
    wickDownColor: down,
    borderVisible: false,
    priceLineVisible: false,
    priceFormat: { type: 'price', precision, minMove: 10 ** -precision },
  })
  const [times, open, high, low, close] = [
    seconds(chart.time),
    floats(chart.open),
    floats(chart.high),
    floats(chart.low),
    floats(chart.close),
  ]
  series.setData(times.map((time, i) => ({ time, open: open[i], high: high[i], low: low[i], close: close[i] })))
  const markers = seconds(chart.fillTime).map((time, i) => {
    const isBuy = chart.fillSide[i] === 'B'
    return {
      time,
      position: isBuy ? 'belowBar' : 'aboveBar',
      shape: isBuy ? 'arrowUp' : 'arrowDown',
      color: isBuy ? css('--buy') : css('--sell'),
      size: 1,
    }
  })
  createSeriesMarkers(series, markers, { autoScale: false, zOrder: 'aboveSeries' })
  api.timeScale().fitContent()
  undo.push(() => api.remove())
}

const timeLabels = (u, splits) => {
  const span = u.scales.x.max - u.scales.x.min
  return splits.map((s) => {
    const iso = dateOf(s).toISOString()
    if (span > 300 * 86400) return iso.slice(0, 7)
    return iso.slice(11, 16) === '00:00' ? iso.slice(5, 10) : iso.slice(11, 16)
  })
}

const plots = []
let isFollowing = false
/** Shows the same time in all lines. */
const follow = (u) => {
  if (isFollowing) return
  isFollowing = true
  for (const other of plots) if (other !== u) other.setScale('x', { min: u.scales.x.min, max: u.scales.x.max })
  isFollowing = false
}

const drawLines = (holder, chart, x) => {
  const height = chart.height
  const live = place(holder, height, holder.querySelector('svg')?.getAttribute('aria-label') ?? '')
  const legend = document.createElement('p')
  legend.className = 'read'
  holder.prepend(legend)
  const text = (value) =>
    value === null || value === undefined
      ? '–'
      : chart.percent
        ? number(100 * value, 2) + ' %'
        : number(value, Math.abs(value) < 10 ? 4 : 2)
  const read = (u) => {
    const index = u.cursor.idx ?? x.length - 1
    legend.textContent = [minuteOf(x[index])]
      .concat(chart.lines.map((line, i) => line.name + ' ' + text(u.data[i + 1][index])))
      .join('   ')
  }
  const axis = {
    stroke: css('--dim'),
    grid: { stroke: css('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  }
  const u = new uPlot(
    {
      width: live.clientWidth,
      height,
      legend: { show: false },
      cursor: { sync: { key: 'report' }, drag: { x: true, y: false }, points: { size: 6 } },
      tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), 'UTC'),
      axes: [
        { ...axis, size: 28, values: timeLabels },
        {
          ...axis,
          size: 64,
          values: (_, splits) =>
            splits.map((v) => (chart.percent ? number(100 * v, 1) + ' %' : number(v, Math.abs(v) < 10 ? 2 : 0))),
        },
      ],
      series: [
        {},
        ...chart.lines.map(({ colour, width, fill }) => ({
          stroke: css(colour),
          width,
          ...(fill ? { fill: css(colour) + '2b' } : {}),
          points: { show: false },
        })),
      ],
      hooks: { setCursor: [read], ready: [read], setScale: [(plot, key) => key === 'x' && follow(plot)] },
    },
    [x, ...chart.lines.map(({ values }) => Array.from(floats(values), (v) => (Number.isNaN(v) ? null : v)))],
    live,
  )
  plots.push(u)
  const sizes = new ResizeObserver(() => u.setSize({ width: live.clientWidth, height }))
  sizes.observe(live)
  undo.push(() => {
    sizes.disconnect()
    plots.splice(plots.indexOf(u), 1)
    u.destroy()
    legend.remove()
  })
}

const draw = () => {
  for (const work of undo.reverse()) work()
  undo = []
  for (const chart of run.prices) {
    const holder = document.getElementById(chart.id)
    if (holder) drawPrice(holder, chart)
  }
  const x = seconds(run.time)
  for (const chart of run.charts) {
    const holder = document.getElementById(chart.id)
    if (holder && x.length > 1) drawLines(holder, chart, x)
  }
}

try {
  draw()
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)
  document.documentElement.dataset.drawn = String(run.prices.length + run.charts.length)
} catch (error) {
  // The static pictures are complete without this.
  for (const work of undo.reverse()) work()
  document.documentElement.dataset.failed = String(error)
}
