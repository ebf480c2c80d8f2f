// What an action costs when N wait, in three ways of use. The first two are what strategies and backtests do; the third is the hardest
// for a queue and for the machine's caches: every action runs once in N, and its successor is due at a random instant.
import { type SchedulerAction, type SchedulerLike, VirtualTimeScheduler } from 'rxjs'
import { seededEntropy, VirtualScheduler } from '../../src/time/index.js'

interface Subject extends SchedulerLike {
  runUntil(ms: number): void
}

class Ours extends VirtualScheduler implements Subject {
  runUntil(ms: number): void {
    this.advanceTo(ms)
  }
}

class Rxjs extends VirtualTimeScheduler implements Subject {
  runUntil(ms: number): void {
    this.maxFrames = ms
    this.flush()
  }
}

const SPAN_MS = 1_000_000

/** Each tells the microseconds an action took. */
const uses = {
  'one interval, the others far off': (scheduler: Subject, waiting: number, actions: number): number => {
    for (let n = 1; n < waiting; n++) scheduler.schedule(() => undefined, 1e9 + n)
    scheduler.schedule(function (this: SchedulerAction<unknown>) {
      this.schedule(undefined, 1)
    }, 1)
    return timed(() => scheduler.runUntil(actions)) / actions
  },
  'rows of a file, one after another': (scheduler: Subject, waiting: number): number => {
    for (let n = 1; n <= waiting; n++) scheduler.schedule(() => undefined, n)
    return timed(() => scheduler.runUntil(waiting)) / waiting
  },
  'each at a random instant': (scheduler: Subject, waiting: number, actions: number): number => {
    const { uniform } = seededEntropy(1)
    let ran = 0
    for (let n = 0; n < waiting; n++) {
      scheduler.schedule(function (this: SchedulerAction<unknown>) {
        ran += 1
        this.schedule(undefined, uniform() * SPAN_MS)
      }, uniform() * SPAN_MS)
    }
    return timed(() => scheduler.runUntil((SPAN_MS * actions) / waiting / 2)) / ran
  },
}

function timed(run: () => void): number {
  const started = performance.now()
  run()
  return (performance.now() - started) * 1000
}

/** Turn by turn and the best of each, so that what else the machine does falls on both. */
function compare(name: keyof typeof uses, make: () => Subject, few: number, many: number, actions: number): void {
  const use = uses[name]
  const fewUs: number[] = []
  const manyUs: number[] = []
  for (let round = 0; round < (actions > 1000 ? 9 : 1); round++) {
    fewUs.push(use(make(), few, actions))
    manyUs.push(use(make(), many, actions))
  }
  const [a, b] = [Math.min(...fewUs), Math.min(...manyUs)]
  const us = (value: number) => `${value.toFixed(3)} µs`.padStart(12)
  console.log(`  ${name.padEnd(34)} ${us(a)} ${us(b)}   ratio ${(b / a).toFixed(1)}`)
}

console.log('VirtualScheduler: 100 and 50,000 waiting (target of the ratio: at most 3)')
for (const name of Object.keys(uses) as (keyof typeof uses)[]) compare(name, () => new Ours(), 100, 50_000, 1_000_000)
console.log("rxjs's VirtualTimeScheduler: 100 and 5,000 waiting (with 50,000 it takes minutes)")
for (const name of Object.keys(uses) as (keyof typeof uses)[]) compare(name, () => new Rxjs(), 100, 5000, 1000)
