import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type Dashboard, reduceDashboard } from '../../../src/cli/dashboard/dashboard.js'
import { jsonOutput, liveOutput, type Output, plainOutput } from '../../../src/cli/output/output.js'
import { render } from '../../../src/cli/output/render.js'
import type { RunEvent } from '../../../src/cli/run/run-event.js'
import { summaryOf } from '../../../src/cli/output/summary.js'
import { unpainted } from '../../../src/cli/format/text.js'
import { Rejected } from '../../../src/client/index.js'
import { assets, fill, fresh, info, order, platform, ready, ticker } from '../events.js'
import { Screen } from '../screen.js'

const events: readonly RunEvent[] = [ready, { type: 'began', forMs: 10_000 }, info, assets(100_000, 5), ticker(50_000)]

/** Feeds events to an output, 100 ms apart. */
const feed = (output: Output, list: readonly RunEvent[], start: Dashboard = fresh()): Dashboard =>
  list.reduce((before, event, index) => {
    const stamped = { at: before.now + 100 * (index + 1), event }
    const after = reduceDashboard(before, stamped)
    output.take(stamped, before, after)
    return after
  }, start)

describe('the live picture', () => {
  let screen: Screen
  let output: Output
  const written: string[] = []
  beforeEach(() => {
    jest.useFakeTimers()
    screen = new Screen()
    written.length = 0
    output = liveOutput(screen, false, (text) => written.push(text))
  })
  afterEach(() => {
    output.end(fresh(), undefined)
    jest.useRealTimers()
  })
  const frameOf = (dashboard: Dashboard): string =>
    render(dashboard, { columns: screen.columns, rows: screen.rows, paint: unpainted }).join('\n')

  it('is drawn anew in its place: nothing of the one before is left', () => {
    const first = feed(output, [...events, fill('1')])
    jest.advanceTimersByTime(100)
    expect(screen.text.trimEnd()).toBe(frameOf(first))
    const second = feed(output, [order('1', 'SUBMITTED'), assets(90_000, 5.2)], first)
    jest.advanceTimersByTime(100)
    expect(screen.text.trimEnd()).toBe(frameOf(second))
  })

  it('is drawn a few times a second, however much happens', () => {
    const write = jest.spyOn(screen, 'write')
    let dashboard = fresh()
    for (let step = 0; step < 100; step++) {
      dashboard = feed(output, [ticker(50_000 + step)], dashboard)
      jest.advanceTimersByTime(10)
    }
    expect(write.mock.calls.length).toBeLessThan(15)
  })

  it('fits again after the terminal has been resized', () => {
    const dashboard = feed(output, events)
    jest.advanceTimersByTime(100)
    screen.resize(40)
    expect(screen.text.trimEnd()).toBe(frameOf(dashboard))
  })

  it('takes what a strategy writes to the console, and gives the console back at the end', () => {
    const before = console.log
    feed(output, events)
    console.log('spread', { bid: 1 })
    expect(written).toEqual(['spread { bid: 1 }'])
    output.end(fresh(), undefined)
    expect(written).toHaveLength(1)
    expect(console.log).not.toBe(before)
  })

  it('stays, with the summary below it and the cursor back', () => {
    const last = feed(output, events)
    jest.advanceTimersByTime(100)
    expect(screen.cursorHidden).toBe(true)
    output.end(last, summaryOf(last))
    expect(screen.cursorHidden).toBe(false)
    expect(screen.text.startsWith(`${frameOf(last)}\n\n two-logins ran for`)).toBe(true)
  })
})

describe('plain lines', () => {
  it('tell each thing once, and now and then how things stand', () => {
    const screen = new Screen()
    const output = plainOutput(screen)
    const dashboard = feed(output, [...events, fill('1')])
    feed(output, [{ type: 'tick' }], { ...dashboard, now: 9_900 })
    expect(screen.text).toBe(`two-logins, paper gateway, ws://127.0.0.1:1/ws/v1
   2.1 s  huobi  bought 0.1 BTC/USDT at 50,000  taker
  10.0 s  huobi  READY, 0 orders, 0 open, 1 fill, fees 0.00 USDT, profit 0.00 USDT
`)
  })
})

describe('JSON lines', () => {
  it('are the events, errors in their words, and the summary last', () => {
    const screen = new Screen()
    const output = jsonOutput(screen)
    const last = feed(output, [
      { type: 'tick' },
      { platform, type: 'failed', error: new Rejected('place_order', 'too small') },
    ])
    output.end(last, summaryOf(last))
    const lines = screen.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const error = expect.objectContaining({
      _tag: 'Rejected',
      serverMessage: 'too small',
      message: expect.stringContaining('too small'),
    })
    expect(lines).toMatchObject([
      { type: 'failed', platform, error },
      { at: 300, type: 'summary', strategy: 'two-logins', accounts: [{ refused: 1 }] },
    ])
  })

  it('have words for what JSON has none for: a strategy that emits a circle goes on', () => {
    const screen = new Screen()
    const output = jsonOutput(screen)
    const circle: Record<string, unknown> = { name: 'a circle' }
    circle['itself'] = circle
    feed(output, [
      { type: 'said', value: circle },
      { type: 'said', value: { big: 5n } },
      { type: 'note', text: 'on' },
    ])
    const said = expect.stringContaining('a circle')
    const lines = screen.text.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { type: 'said', value: said },
      { type: 'said', value: '{ big: 5n }' },
      { type: 'note' },
    ])
  })
})
