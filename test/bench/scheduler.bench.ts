// What one action costs when N others wait: the next one is run and schedules its successor at a random instant.
import { type SchedulerLike, VirtualTimeScheduler } from 'rxjs'
import { VirtualScheduler, seededEntropy } from '../../src/time/index.js'

const SPAN_MS = 1_000_000

/** Microseconds for each of `actions`, with `waiting` others in the queue. */
function costUs(scheduler: SchedulerLike, waiting: number, actions: number, run: (untilDone: () => boolean) => void) {
  const { uniform } = seededEntropy(1)
  let left = actions
  let started = 0
  let ended = 0
  for (let n = 0; n < waiting; n++) {
    scheduler.schedule(function (): void {
      if (left === actions) started = performance.now()
      left -= 1
      if (left === 0) ended = performance.now()
      if (left > 0) this.schedule(undefined, uniform() * SPAN_MS)
    }, uniform() * SPAN_MS)
  }
  run(() => left <= 0)
  return ((ended - started) * 1000) / actions
}

const ours = (waiting: number, actions: number): number => {
  const scheduler = new VirtualScheduler()
  return costUs(scheduler, waiting, actions, (isDone) => {
    while (!isDone()) scheduler.advanceBy(SPAN_MS / 100)
  })
}

const rxjs = (waiting: number, actions: number): number => {
  const scheduler = new VirtualTimeScheduler()
  return costUs(scheduler, waiting, actions, (isDone) => {
    for (scheduler.maxFrames = 0; !isDone(); ) {
      scheduler.maxFrames += SPAN_MS / 100
      scheduler.flush()
    }
  })
}

const best = (measure: () => number): number => Math.min(...Array.from({ length: 5 }, measure))

ours(1000, 200_000) // warm
const few = best(() => ours(100, 300_000))
const many = best(() => ours(50_000, 300_000))
console.log(`VirtualScheduler        100 pending ${few.toFixed(3)} µs an action`)
console.log(`VirtualScheduler     50,000 pending ${many.toFixed(3)} µs an action`)
console.log(`ratio                               ${(many / few).toFixed(2)} (target: at most 3)`)

const theirsFew = best(() => rxjs(100, 20_000))
const theirsMany = rxjs(5000, 2000)
console.log(`VirtualTimeScheduler    100 pending ${theirsFew.toFixed(3)} µs an action`)
console.log(`VirtualTimeScheduler  5,000 pending ${theirsMany.toFixed(3)} µs an action`)
console.log(`ratio                               ${(theirsMany / theirsFew).toFixed(0)}`)
