import { parseArgs } from 'node:util'
import { config } from 'rxjs'
import { type FuzzResult, fuzzMemory } from './fuzz-memory.js'
import { fuzzSocket } from './fuzz-socket.js'

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    sockets: { type: 'string', default: '0.02' },
  },
})
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
const overSockets = Math.round(Number(values.frames) * Number(values.sockets))
const inMemory = Number(values.frames) - overSockets

// Stacks of the refusals that are its trade are a good part of a fuzzer's work.
Error.stackTraceLimit = 0
const unhandled: string[] = []
const note = (what: string) => (error: unknown) =>
  unhandled.push(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
process.on('uncaughtException', note('uncaught exception'))
process.on('unhandledRejection', note('unhandled rejection'))
config.onUnhandledError = note('unhandled error in RxJS')

const run = async (where: string, fuzz: () => Promise<FuzzResult>): Promise<FuzzResult> => {
  const started = performance.now()
  const result = await fuzz()
  const seconds = (performance.now() - started) / 1_000
  const rate = Math.round(result.frames / seconds).toLocaleString('en')
  console.log(
    `${where}: ${result.frames.toLocaleString('en')} frames in ${seconds.toFixed(1)} s, ${rate} a second; the slowest took ${result.slowestMs.toFixed(2)} ms`,
  )
  for (const [kind, count] of [...result.answers].sort(([, a], [, b]) => b - a))
    console.log(`  ${String(count).padStart(9)}  ${kind}`)
  return result
}

console.log(`seed ${seed}`)
const results = [
  await run('in memory', () => fuzzMemory({ seed, frames: inMemory })),
  await run('over sockets', () => fuzzSocket({ seed, frames: overSockets })),
]
const failures = [...results.flatMap((result) => result.failures), ...unhandled]
for (const words of failures) console.log(`FAILED ${words}`)
if (failures.length > 0) console.log(`replay it with: npm run fuzz -- --frames ${values.frames} --seed ${seed}`)
else console.log('nothing found')
process.exit(failures.length > 0 ? 1 : 0)
