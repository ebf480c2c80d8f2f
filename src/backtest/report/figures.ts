import type { RunResult, RunStatistics } from '../run-result.js'
import { duration, fixed, money, percent } from './format.js'
import { html, type Markup } from './markup.js'
import { pairTable, signOf } from './tables.js'

/** Growth by the year means little over a shorter time. */
const FEWEST_DAYS_OF_CAGR = 30

type Figure = readonly [name: string, value: string, sign?: number | undefined]

/** The figures at the head of the report. */
export function cards({ equity, trades, costs }: RunStatistics, quote: string): Markup {
  // Daily figures of less than a day would say that nothing was gained or lost.
  const daily = (value: number | undefined): number | undefined => (equity.periods === 0 ? undefined : value)
  const figures: Figure[] = [
    ['Total return', percent(daily(equity.totalReturn)), equity.totalReturn],
    ['Buy and hold', percent(daily(equity.benchmarkTotalReturn)), equity.benchmarkTotalReturn],
    ['CAGR', equity.days < FEWEST_DAYS_OF_CAGR ? '–' : percent(equity.cagr), equity.cagr],
    ['Sharpe (365)', fixed(equity.sharpe)],
    ['Sortino (365)', fixed(equity.sortino)],
    ['Max drawdown, daily', percent(daily(equity.maxDrawdown)), equity.maxDrawdown],
    ['Volatility', percent(equity.volatilityAnnual, 1)],
    ['Calmar', equity.days < FEWEST_DAYS_OF_CAGR ? '–' : fixed(equity.calmar)],
    ['Round trips', String(trades.trades)],
    ['Win rate', percent(trades.winRate, 0)],
    ['Profit factor', fixed(trades.profitFactor)],
    ['Expectancy', money(trades.expectancy), trades.expectancy],
    [`Fees, ${quote}`, money(costs.fees)],
    ['Turnover', costs.turnover === undefined ? '–' : `${fixed(costs.turnover, 1)} ×`],
    ['Exposure', percent(costs.exposure, 0)],
    ['Time in market', percent(costs.timeInMarket, 0)],
  ]
  return html`<div class="cards">${figures.map(([name, value, sign]) => html`<div class="card"><span>${name}</span><b class="${value === '–' ? '' : signOf(sign)}">${value}</b></div>`)}</div>`
}

const section = (title: string, rows: readonly (readonly [string, string])[]): Markup =>
  html`<section><h2>${title}</h2>${pairTable(rows)}</section>`

/** All other statistics, in tables. */
export function statisticsTables({ equity, trades, durations, costs, execution }: RunStatistics): Markup {
  const { outcomes } = execution
  const fees = Object.entries(costs.feesByCurrency).map(([currency, fee]) => `${money(fee)} ${currency}`)
  const span = [equity.maxDrawdownPeakDate, equity.maxDrawdownTroughDate].filter((date) => date !== undefined)
  const until = span.length === 0 ? '–' : (equity.maxDrawdownRecoveryDate ?? 'not recovered')
  return html`<div class="two">${section('Risk and return', [
    ['Days', String(equity.days)],
    ['Deepest drawdown, from and to', span.length === 0 ? '–' : span.join(' to ')],
    ['Recovered', until],
    ['Longest drawdown, days', String(equity.longestDrawdownDays)],
    ['Drawdowns; average depth', `${equity.drawdownCount}; ${percent(equity.averageDrawdown)}`],
    ['Ulcer index', percent(equity.ulcerIndex)],
    ['Omega; gain to pain', `${fixed(equity.omega)}; ${fixed(equity.gainToPain)}`],
    [
      'Value at risk 95 %; expected shortfall (historical)',
      `${percent(equity.var95Historical)}; ${percent(equity.cvar95Historical)}`,
    ],
    ['The same, Gaussian', `${percent(equity.var95Gaussian)}; ${percent(equity.cvar95Gaussian)}`],
    ['Skew; excess kurtosis', `${fixed(equity.skew)}; ${fixed(equity.kurtosisExcess)}`],
    ['Tail ratio', fixed(equity.tailRatio)],
    ['Best day', `${percent(equity.bestDay)} ${equity.bestDayDate ?? ''}`],
    ['Worst day', `${percent(equity.worstDay)} ${equity.worstDayDate ?? ''}`],
    ['Days up, down, flat', `${equity.daysUp}, ${equity.daysDown}, ${equity.daysFlat}`],
    ['Longest run up; down', `${equity.longestRunUp}; ${equity.longestRunDown}`],
    ['Probability that the Sharpe ratio is above 0', percent(equity.probabilisticSharpe0, 1)],
    ['Beta; correlation with holding', `${fixed(equity.beta)}; ${fixed(equity.correlation)}`],
    ['Alpha a year, arithmetic', percent(equity.alphaAnnualArithmetic)],
    ['Information ratio', fixed(equity.informationRatio)],
  ])}<div>${section('Round trips, net of fees', [
    ['Won; lost', `${trades.wins}; ${trades.losses}`],
    ['Gross profit; gross loss', `${money(trades.grossProfit)}; ${money(trades.grossLoss)}`],
    ['Average win; average loss', `${money(trades.averageWin)}; ${money(trades.averageLoss)}`],
    ['Payoff; expectancy ratio', `${fixed(trades.payoff)}; ${fixed(trades.expectancyRatio)}`],
    ['System quality number', fixed(trades.sqn)],
    ['Kelly share', percent(trades.kelly, 1)],
    ['Largest win; largest loss', `${money(trades.largestWin)}; ${money(trades.largestLoss)}`],
    ['Longest winning; losing streak', `${trades.longestWinning}; ${trades.longestLosing}`],
    ['Held: median; longest', `${duration(durations.medianMs)}; ${duration(durations.longestMs)}`],
  ])}${section('Costs and execution', [
    ['Fees by currency', fees.join(', ') || '–'],
    ['Volume', money(costs.volume)],
    ['Maker share of the volume', percent(costs.makerShare, 1)],
    ['Slippage against the mid when sent', `${money(costs.slippage)} (${percent(costs.slippageRate, 3)})`],
    ['Funding; liquidations', `${money(costs.funding)}; ${costs.liquidations}`],
    [
      'Orders: filled, cancelled, missed',
      `${execution.orders}: ${outcomes.filled}, ${outcomes.canceled}, ${outcomes.missed}`,
    ],
    [
      'Orders: rejected, denied, unknown, open',
      `${outcomes.rejected}, ${outcomes.denied}, ${outcomes.unknown}, ${outcomes.open}`,
    ],
    ['Filled share of an order', percent(execution.fillRate, 1)],
    ['Acknowledged after', duration(execution.acknowledgedAfterMs)],
  ])}</div></div>`
}

/** One line on the run below its title. */
export const subtitle = ({ ledger }: RunResult, from: string, to: string): string =>
  [
    Object.keys(ledger.bars).join(', '),
    `${from} to ${to}`,
    `${ledger.orders.length.toLocaleString('en-US')} orders, ${ledger.fills.length.toLocaleString('en-US')} fills`,
  ]
    .filter((part) => part !== '')
    .join(' · ')
