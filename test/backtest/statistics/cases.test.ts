import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import {
  equityStatistics,
  type EquityStatisticsInput,
  openOf,
  type TradeFill,
  tradesOf,
  tradeStatistics,
} from 'rxquant/backtest'
import { expectClose } from './expect-close.js'

const folder = new URL('../../../../shared/cases/', import.meta.url)
const whenThere = existsSync(folder) ? describe : describe.skip
type Case = EquityStatisticsInput & {
  readonly name: string
  readonly fills: readonly TradeFill[]
  readonly expected: object
}
const casesOf = (file: string): readonly Case[] =>
  (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { readonly cases: readonly Case[] }).cases
const namesOf = (file: string): readonly string[] =>
  existsSync(folder) ? casesOf(file).map(({ name }) => name) : ['../shared/cases is absent']
function caseOf(file: string, wanted: string): Case {
  const found = casesOf(file).find(({ name }) => name === wanted)
  if (found === undefined) throw new Error(`no case ${wanted}`)
  return found
}

whenThere('equity statistics computed elsewhere, in ../shared/cases', () => {
  it.each(namesOf('equity-statistics.json'))('%s', (name) => {
    const { expected, ...input } = caseOf('equity-statistics.json', name)
    expectClose(equityStatistics(input), expected)
    expect(Object.keys(equityStatistics(input))).toEqual(expect.arrayContaining(Object.keys(expected)))
  })
})

whenThere('trades computed elsewhere from fills, in ../shared/cases', () => {
  it.each(namesOf('fills-to-trades.json'))('%s', (name) => {
    const { fills, expected } = caseOf('fills-to-trades.json', name)
    expectClose(
      {
        fifo: tradesOf(fills, { method: 'fifo' }),
        fifoOpen: openOf(fills, { method: 'fifo' }),
        averageCost: tradesOf(fills, { method: 'averageCost' }),
        averageCostOpen: openOf(fills, { method: 'averageCost' }),
        roundTrips: tradesOf(fills),
        roundTripOpen: openOf(fills),
        statisticsOfRoundTrips: tradeStatistics(tradesOf(fills)),
        statisticsOfFifo: tradeStatistics(tradesOf(fills, { method: 'fifo' })),
      },
      expected,
    )
  })
})
