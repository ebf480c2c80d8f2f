import { parseArgs } from 'node:util'
import { setImmediate as turn } from 'node:timers/promises'
import { config } from 'rxjs'
import { Hits } from './hits.js'
import { runSeed } from './run.js'
import { drawTrace } from './trace.js'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    last: { type: 'string', default: '150' },
    quiet: { type: 'boolean', default: false },
    keepgoing: { type: 'boolean', default: false },
  },
})

// Traces of the errors that are the trade of a fault simulator are a third of its work.
const limit = Error.stackTraceLimit
Error.stackTraceLimit = 0

const unhandled: unknown[] = []
config.onUnhandledError = (error) => unhandled.push(error)

const explain = (seed: number, violations: readonly string[]): void => {
  Error.stackTraceLimit = limit
  console.log(drawTrace(runSeed(seed, { keepTrace: true }).events, Number(values.last)))
  console.log(`\nseed ${seed}:\n  ${violations.join('\n  ')}`)
  console.log(`\nreplay it with: npm run simulate -- --seed ${seed}`)
}

const total = new Hits()
const from = values.seed === undefined ? Number(values.from) : Number(values.seed)
const seeds = values.seed === undefined ? Number(values.seeds) : 1
let runs = 0
let failed = 0
let steps = 0
let virtualMs = 0
const started = performance.now()
for (let seed = from; seed < from + seeds; seed++) {
  const result = runSeed(seed)
  runs++
  steps += result.steps
  virtualMs += result.virtualMs
  total.add(result.hits)
  if (result.violations.length > 0) {
    failed++
    if (values.keepgoing) console.log(`seed ${seed}: ${result.violations[0] ?? ''}`)
    else {
      explain(seed, result.violations)
      break
    }
  }
  if (seed % 100 === 0) {
    if (runSeed(seed).hash !== result.hash) {
      failed++
      console.log(`seed ${seed} gave two different hashes`)
      if (!values.keepgoing) break
    }
    await turn()
  }
}
const seconds = (performance.now() - started) / 1000
if (!values.quiet) {
  for (const [fault, count] of [...total.counts].sort()) console.log(`${String(count).padStart(9)}  ${fault}`)
}
await new Promise((resolve) => setTimeout(resolve, 20))
if (unhandled.length > 0) {
  failed++
  console.log(`${unhandled.length} errors that nobody handled, the first: ${String(unhandled[0])}`)
}
console.log(
  `${runs} runs, ${failed} failed; ${(virtualMs / 3_600_000).toFixed(1)} virtual hours and ${steps} events in ${seconds.toFixed(1)} s: ${(runs / seconds).toFixed(0)} runs/s`,
)
process.exitCode = failed > 0 ? 1 : 0
