import { dailyEquityOf } from '../ledger/from-ledger.js'
import { dayOf, returnsOf } from '../statistics/equity-series.js'
import { underwater } from '../statistics/drawdowns.js'
import { rollingSharpe } from '../statistics/sharpe.js'
import { type RunResult, runStatistics, runTrades } from '../run-result.js'
import { dayBars, histogram } from './bar-charts.js'
import { cards, statisticsTables, subtitle } from './figures.js'
import { fixed, percent, plain } from './format.js'
import { lineChart } from './line-chart.js'
import { html, type Markup, raw } from './markup.js'
import { CHARTS, type Charts } from './charts.js'
import { chartData, type ShownPrice } from './chart-data.js'
import { HALF, WIDE } from './plot.js'
import { priceChart } from './price-chart.js'
import { STYLE } from './style.js'
import { bestAndWorst, monthTable, pairTable, reasonTable, refusedTable, symbolTable, tradeTable } from './tables.js'
import { tradeScatter } from './trade-scatter.js'

/** Makes columns sortable by their heads. The report is complete without it. */
export const SORT_SCRIPT = `for(const t of document.querySelectorAll('table[data-sort]'))t.querySelectorAll('thead th').forEach((h,i)=>{const b=document.createElement('button');b.textContent=h.textContent;h.textContent='';h.append(b);b.addEventListener('click',()=>{const s=h.getAttribute('aria-sort')==='descending'?1:-1;for(const o of t.querySelectorAll('thead th'))o.removeAttribute('aria-sort');h.setAttribute('aria-sort',s>0?'ascending':'descending');const k=r=>{const c=r.cells[i],x=c.dataset.v??c.textContent,n=Number(x.replace(/[ ,%]/g,'').replace('\\u2212','-'));return x==='\\u2013'?-Infinity:Number.isNaN(n)?x:n};const d=t.tBodies[0];d.append(...[...d.rows].map(r=>[k(r),r]).sort(([a],[b])=>a<b?-s:a>b?s:0).map(p=>p[1]))})})`

/**
 * SHA-256 of the script, for the content security policy: no other script may run, whatever a name
 * holds.
 */
export const SORT_SCRIPT_SHA256 = 'e8LCF6Qg+Tpl10Jb6y+bQFHYk7VFKxAwKdDw+LiZ99M='

const LONG_WINDOW = 30
const SHORT_WINDOW = 7
const MOST_PRICE_CHARTS = 6
/** Policy of the page: it loads nothing, and runs no script but its own. */
const policyWith = ({ script, sha256 }: Charts): string =>
  `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${SORT_SCRIPT_SHA256}'${script === '' ? '' : ` 'sha256-${sha256}'`}`

/** The licence of lightweight-charts asks for a visible line with a link. */
const ATTRIBUTION = html`<br>Candle chart: TradingView Lightweight Charts™, Copyright © 2025 TradingView, Inc., <a href="https://www.tradingview.com/" rel="noreferrer">www.tradingview.com</a>. Lines: uPlot.`

const section = (title: string, body: Markup | undefined, look = ''): Markup =>
  html`<section class="${look}"><h2>${title}</h2>${body}</section>`

function equitySections({ ledger }: RunResult): Markup {
  const { equity, quote } = ledger
  const own = equity.map(({ atMs, equity: value }) => ({ atMs, value }))
  const held = equity.flatMap(({ atMs, benchmark }) => (benchmark === undefined ? [] : [{ atMs, value: benchmark }]))
  const below = underwater(own.map(({ value }) => value))
  const falls = own.flatMap(({ atMs }, index) => {
    const value = below[index]
    return value === undefined ? [] : [{ atMs, value }]
  })
  const used = equity.flatMap(({ atMs, exposure, equity: total }) =>
    exposure === undefined || total <= 0 ? [] : [{ atMs, value: exposure / total }],
  )
  const whole = (value: number): string => percent(value, 0)
  const legend = html`<span class="legend"><i></i>equity${held.length > 0 ? html`<i class="b"></i>held` : undefined}</span>`
  const shown = (id: string, chart: Markup): Markup => html`<div id="${id}">${chart}</div>`
  return html`<section><h2>Equity${held.length > 0 ? ' and buy and hold' : ''}, ${quote} ${legend}</h2>${shown(
    'equity',
    lineChart({
      title: 'Equity',
      lines: [
        { look: 'main', points: own },
        { look: 'bench', points: held },
      ],
      label: (value) => fixed(value, Math.abs(value) < 10 ? 2 : 0),
    }),
  )}</section>${section(
    'Drawdown',
    shown(
      'drawdown',
      lineChart({
        title: 'Drawdown',
        lines: [{ look: 'fall', points: falls }],
        label: (value) => percent(value, 1),
        filled: true,
        box: { ...WIDE, height: 150 },
      }),
    ),
  )}${section(
    'Exposure, share of equity',
    shown(
      'exposure',
      lineChart({
        title: 'Exposure',
        lines: [{ look: 'main', points: used }],
        label: whole,
        filled: true,
        box: { ...WIDE, height: 130 },
      }),
    ),
    'use',
  )}`
}

function daySections(result: RunResult): Markup {
  const { dates, equity } = dailyEquityOf(result.ledger)
  const days = returnsOf(equity).flatMap((value, index) =>
    value === undefined ? [] : [{ date: dates[index + 1] ?? '', value }],
  )
  const returns = days.map(({ value }) => value)
  const window = returns.length > 2 * LONG_WINDOW ? LONG_WINDOW : SHORT_WINDOW
  const rolling = rollingSharpe(returns, window).flatMap((value, index) =>
    value === undefined ? [] : [{ atMs: Date.parse(days[index]?.date ?? ''), value }],
  )
  return html`${section(
    `Rolling Sharpe ratio, ${window} days`,
    lineChart({
      title: `Rolling Sharpe ratio of ${window} days`,
      lines: [{ look: 'main', points: rolling }],
      label: (value) => fixed(value, 0),
      box: HALF,
    }),
  )}${section('Daily returns', dayBars('Daily returns', days))}${section('Distribution of daily returns', histogram('Distribution of daily returns', returns))}`
}

function about({ parameters = {}, data = [], versions = {}, seed }: RunResult): Markup {
  const settings = Object.entries(parameters).map(([name, value]) => [name, plain(value)] as const)
  const files = data.map(({ name, sha256, rows }) => {
    const facts = [rows === undefined ? undefined : `${fixed(rows, 0)} rows`, sha256 && `sha256 ${sha256}`]
    return [name, facts.filter((fact) => fact !== undefined).join(', ')] as const
  })
  const made = [
    ...(seed === undefined ? [] : [['seed', String(seed)] as const]),
    ...Object.entries(versions).map(([name, version]) => [name, version] as const),
  ]
  return html`<div class="two">${settings.length > 0 ? section('Parameters', pairTable(settings)) : undefined}${
    files.length + made.length > 0 ? section('Data and versions', pairTable([...files, ...made])) : undefined
  }</div>`
}

/** Prices that are shown: those of symbols with fills first. */
function shownPrices({ ledger }: RunResult): readonly (ShownPrice & { readonly symbol: string })[] {
  const all = Object.entries(ledger.bars).map(([symbol, bars]) => ({
    symbol,
    bars,
    fills: ledger.fills.filter((fill) => fill.symbol === symbol || `${fill.platform} ${fill.symbol}` === symbol),
  }))
  return [...all.filter(({ fills }) => fills.length > 0), ...all.filter(({ fills }) => fills.length === 0)]
    .slice(0, MOST_PRICE_CHARTS)
    .map((each, index) => ({ ...each, id: `price-${index}` }))
}

const ARROWS = html`<span class="legend"><b class="bought">▲</b> bought <b class="sold">▼</b> sold</span>`

const priceSections = (prices: ReturnType<typeof shownPrices>): readonly Markup[] =>
  prices.map(
    ({ id, symbol, bars, fills }) =>
      html`<section><h2>Price and fills, ${symbol} ${ARROWS}</h2><div id="${id}">${priceChart(symbol, bars, fills)}</div></section>`,
  )

/**
 * Renders a run as one HTML file: cards, prices with fills, equity, drawdown, exposure, months,
 * days, trades, refused orders, parameters and data. It loads nothing, is complete without
 * JavaScript, follows the reader's light or dark setting, and prints. Names are escaped. Pure: the
 * same result gives the same bytes. Times are UTC.
 *
 * @example
 * writeFileSync('report.html', reportHtml({ title: 'EMA 12/26', ledger: spotLedger(run) }))
 */
export const reportHtml = (result: RunResult): string => reportPage(result, CHARTS)

/** Renders the report with the given charts; without a script the static pictures are all. */
export function reportPage(result: RunResult, charts: Charts): string {
  const { title, ledger, notes = [] } = result
  const prices = shownPrices(result)
  const live =
    charts.script === '' || ledger.equity.length === 0
      ? undefined
      : html`<script type="application/json" id="run">${raw(chartData(ledger, prices))}</script><script>${raw(charts.script)}</script>`
  const trades = runTrades(ledger)
  const statistics = runStatistics(result, trades)
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><meta http-equiv="Content-Security-Policy" content="${raw(policyWith(charts))}"><title>${title} · rxquant</title><style>${raw(STYLE)}${raw(charts.style)}</style></head><body>
<h1>${title}</h1><p class="sub">${subtitle(result, dayOf(ledger.startMs), dayOf(ledger.endMs))}</p>
${notes.length > 0 ? html`<ul class="note">${notes.map((note) => html`<li>${note}</li>`)}</ul>` : undefined}
${cards(statistics, ledger.quote)}
${priceSections(prices)}
${equitySections(result)}
<div class="two">${section('Months, %', monthTable(statistics))}${daySections(result)}${section('Round trips: return by time held', tradeScatter('Return by time held', trades))}${section('Best and worst round trips', bestAndWorst(trades))}</div>
${statisticsTables(statistics)}
${symbolTable(statistics)}
${reasonTable(statistics)}
${section('Round trips', tradeTable(trades), 'long')}
${section('Refused orders', refusedTable(ledger.orders, statistics), 'long')}
${about(result)}
<footer>Daily returns at 00:00 UTC, simple; a year has 365 days; deviations of a sample. Round trips run from flat to flat, net of fees; a fee in coins counts at the price of its fill. Buy and hold keeps the balances of the start. – is not defined. Made by rxquant; nothing here is financial advice.${live === undefined ? undefined : ATTRIBUTION}</footer>
<script>${raw(SORT_SCRIPT)}</script>${live}</body></html>
`
  return page.text
}
