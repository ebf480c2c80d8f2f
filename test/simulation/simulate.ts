import { type ChildProcess, fork } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type Campaign, type Failure, type Outcome, runCampaign, together } from './campaign.js'
import { runSeed } from './run.js'
import { summaryOf } from './summary.js'
import { drawTrace } from './trace.js'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    last: { type: 'string', default: '150' },
    keepgoing: { type: 'boolean', default: false },
  },
})

/** From a process that runs a share of the seeds. */
type Told = { readonly runs: number } | { readonly failure: Failure } | { readonly outcome: Outcome }

const everyRuns = 50

const asked: Campaign = {
  from: Number(values.seed ?? values.from),
  seeds: values.seed === undefined ? Number(values.seeds) : 1,
  keepGoing: values.keepgoing,
}

/** As one of several: tells the first process, and nobody else. */
const work = async (tell: (told: Told) => void): Promise<void> => {
  tell({
    outcome: await runCampaign(
      asked,
      (runs) => {
        if (runs % everyRuns === 0) tell({ runs })
      },
      (failure) => tell({ failure }),
    ),
  })
  process.disconnect()
}

const share = (jobs: number): readonly Campaign[] => {
  const each = Math.ceil(asked.seeds / jobs)
  return Array.from({ length: jobs }, (_, i) => ({
    ...asked,
    from: asked.from + i * each,
    seeds: Math.min(each, asked.seeds - i * each),
  })).filter(({ seeds }) => seeds > 0)
}

const runInProcess = (
  { from, seeds, keepGoing }: Campaign,
  onRuns: (runs: number) => void,
): [ChildProcess, Promise<Outcome>] => {
  const child = fork(
    process.argv[1] ?? '',
    ['--from', String(from), '--seeds', String(seeds), ...(keepGoing ? ['--keepgoing'] : [])],
    { env: { ...process.env, SIMULATION_WORKER: '1' } },
  )
  let outcome: Outcome = { runs: 0, failures: [], steps: 0, virtualMs: 0, hits: { faults: {}, ends: {} } }
  let runs = 0
  child.on('message', (told: Told) => {
    if ('outcome' in told) outcome = told.outcome
    else if ('failure' in told) show(told.failure)
    else onRuns((runs = told.runs))
  })
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (code === 0) resolve(outcome)
      else reject(new Error(`the process with seeds from ${from} ended with ${code ?? signal} after ${runs} runs`))
    })
  })
  return [child, ended]
}

/** At once: the run that it is of may take an hour. */
const show = ({ seed, violations }: Failure): void => console.log(`\nseed ${seed}:\n  ${violations.join('\n  ')}`)

/** A line now and then, so that a long run can be told from one that hangs. */
const progress = (total: number, started: number): ((runs: number) => void) => {
  const everyMs = 10_000
  let nextAt = started + everyMs
  return (runs) => {
    const now = performance.now()
    if (now < nextAt) return
    nextAt = now + everyMs
    const perSecond = (runs * 1000) / (now - started)
    const leftMinutes = (total - runs) / perSecond / 60
    const mebibytes = process.memoryUsage.rss() / 2 ** 20
    console.log(
      `${runs} of ${total} runs, ${perSecond.toFixed(0)} a second, ${leftMinutes.toFixed(1)} min left (${mebibytes.toFixed(0)} MiB)`,
    )
  }
}

const runAll = async (onRuns: (runs: number) => void): Promise<Outcome> => {
  const jobs = Number(values.jobs)
  if (jobs <= 1 || asked.seeds === 1) return runCampaign(asked, onRuns, show)
  const done: number[] = []
  const processes = share(jobs).map((campaign, i) =>
    runInProcess(campaign, (runs) => {
      done[i] = runs
      onRuns(done.reduce((sum, each) => sum + each, 0))
    }),
  )
  return together(await Promise.all(processes.map(([, outcome]) => outcome)))
}

const main = async (): Promise<void> => {
  const started = performance.now()
  const outcome = await runAll(progress(asked.seeds, started))
  const seconds = (performance.now() - started) / 1000
  const { text, good } = summaryOf(outcome, seconds)
  const [first] = outcome.failures
  if (first !== undefined && !asked.keepGoing) {
    console.log(drawTrace(runSeed(first.seed, { keepTrace: true }).events, Number(values.last)))
  }
  if (first !== undefined) console.log(`\nreplay it with: npm run simulate -- --seed ${first.seed}`)
  if (outcome.runs > 1) console.log(text)
  else console.log(`${good ? 'no violation' : 'failed'}, in ${seconds.toFixed(1)} s`)
  process.exitCode = good ? 0 : 1
}

if (process.env.SIMULATION_WORKER === '1' && process.send !== undefined) {
  const send = process.send.bind(process)
  await work((told) => send(told))
} else await main()
