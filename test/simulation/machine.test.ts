import { describe, expect, it } from '@jest/globals'
import { GridScheduler, Machine } from './machine.js'

describe('a machine of the simulator', () => {
  it('takes its timers along when its process is killed, however long sleep has put them off', () => {
    const base = new GridScheduler()
    const machine = new Machine('client 1', base)
    let ran = 0
    machine.scheduler.schedule(() => ran++, 60_000)
    for (let i = 0; i < 4; i++) {
      machine.suspend(50_000)
      base.advanceBy(40_000)
    }
    expect(base.pending).toBe(1)
    machine.kill()
    expect(base.pending).toBe(0)
    base.advanceBy(600_000)
    expect(ran).toBe(0)
  })

  it('lists the timers that wait, and none that has run or was cancelled', () => {
    const base = new GridScheduler()
    const machine = new Machine('client 1', base)
    machine.scheduler.schedule(() => undefined, 10)
    machine.scheduler.schedule(() => undefined, 20).unsubscribe()
    machine.scheduler.schedule<number>(function (runs = 0) {
      if (runs < 2) this.schedule(runs + 1, 30)
    }, 5)
    const many = Array.from({ length: 500 }, () => machine.scheduler.schedule(() => undefined, 1_000))
    expect(machine.timers).toHaveLength(502)
    for (const each of many) each.unsubscribe()
    base.advanceTo(12)
    expect(machine.timers).toHaveLength(1)
    base.advanceTo(1_000)
    expect(machine.timers).toEqual([])
  })
})
