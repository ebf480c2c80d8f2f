import { hrtime } from 'node:process'
import { describe, expect, it } from '@jest/globals'
import { VirtualScheduler, withVirtualTime } from '../../src/time/index.js'

const startMs = Date.UTC(2024, 0, 1)

const at1500Ms = (read: () => void): void => {
  const scheduler = new VirtualScheduler()
  withVirtualTime(
    scheduler,
    () => {
      scheduler.advanceTo(1500)
      read()
    },
    { startMs },
  )
}

const shown = () => [
  process.hrtime,
  hrtime.bigint,
  performance.timeOrigin,
  performance.mark,
  AbortSignal.timeout,
  Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp'),
  Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format'),
]

describe('in virtual time', () => {
  it('process.hrtime shows virtual time, also where its bigint was imported before', () => {
    at1500Ms(() => {
      expect(process.hrtime()).toEqual([1, 500_000_000])
      expect(process.hrtime([0, 700_000_000])).toEqual([0, 800_000_000])
      expect(process.hrtime.bigint()).toBe(1_500_000_000n)
      expect(hrtime.bigint()).toBe(1_500_000_000n)
    })
  })

  it('performance shows virtual time: its origin, its marks and what is measured', () => {
    at1500Ms(() => {
      expect(performance.timeOrigin + performance.now()).toBe(Date.now())
      expect(performance.mark('here').startTime).toBe(1500)
      expect(performance.measure('so far').duration).toBe(1500)
      expect(performance.measure('since here', 'here').duration).toBe(0)
      expect(performance.measure('a second', { start: 100, duration: 1000 }).duration).toBe(1000)
    })
    performance.clearMarks()
    performance.clearMeasures()
  })

  it('events are stamped with virtual time', () => {
    at1500Ms(() => expect(new Event('tick').timeStamp).toBe(1500))
  })

  it('Intl formats the present of virtual time', () => {
    const format = new Intl.DateTimeFormat('en', { timeZone: 'UTC', dateStyle: 'short' })
    at1500Ms(() => {
      expect(format.format()).toBe('1/1/24')
      expect(format.format(startMs + 86_400_000)).toBe('1/2/24')
      expect(format.formatToParts()[0]?.value).toBe('1')
      // As on the machine: null is a date, that of the time 0.
      expect(format.format(null as never)).toBe('1/1/70')
      expect(format.formatToParts(null as never).at(-1)?.value).toBe('70')
    })
  })

  it('AbortSignal.timeout aborts with a TimeoutError at its virtual instant', () => {
    const scheduler = new VirtualScheduler()
    withVirtualTime(scheduler, () => {
      const signal = AbortSignal.timeout(250)
      scheduler.advanceTo(249)
      expect(signal.aborted).toBe(false)
      scheduler.advanceTo(250)
      expect(signal.aborted).toBe(true)
      expect((signal.reason as DOMException).name).toBe('TimeoutError')
    })
  })
})

it('after virtual time all clocks are as they were', () => {
  const before = shown()
  at1500Ms(() => expect(shown()).not.toEqual(before))
  expect(shown()).toEqual(before)
  expect(process.hrtime()[0]).toBeGreaterThan(2)
})
