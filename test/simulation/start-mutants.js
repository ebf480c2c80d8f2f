// Takes the safeguards away one by one, and runs the simulator on each until it fails:
// `npm run simulate:mutants [-- --seeds 10000] [--jobs 2] [--only part-of-a-name,another]`. One that survives is a blind spot.
import { fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { allMarkers, replaced } from './markers.ts'
import { mutants } from './mutants.ts'
import { bundle, root } from './bundle.js'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    jobs: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})
/** Far more than 10,000 seeds take: what has not ended by then goes round in circles. */
const deadlineMs = 20 * 60_000

const markers = new Map(allMarkers(root, 'src').map((marker) => [marker.name, marker]))

const applying = ({ name, edits }) => {
  const marked = edits.map(({ marker, to }) => {
    const found = markers.get(marker)
    if (found === undefined) throw new Error(`no marker ${marker} in src, for: ${name}`)
    return { ...found, to }
  })
  return {
    name: 'mutant',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const mine = marked.filter(({ file }) => join(root, file) === path)
        if (mine.length === 0) return undefined
        const text = await readFile(path, 'utf8')
        // The last first: the places of the others stay what they are.
        const contents = mine
          .sort((a, b) => b.start - a.start)
          .reduce((rest, edit) => replaced(rest, edit, edit.to), text)
        return { contents, loader: 'ts' }
      })
    },
  }
}

/** The first seed that fails, of what breaks which promise. */
const run = (script, args) =>
  new Promise((resolve) => {
    const child = fork(script, args, {
      cwd: root,
      // Not ours: a TypeScript loader would cost it half its speed.
      execArgv: [],
      env: { ...process.env, SIMULATION_WORKER: '1' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let result = { how: 'ended without a word' }
    let words = ''
    const overdue = setTimeout(() => {
      result = { how: `had not ended after ${deadlineMs / 60_000} min` }
      child.kill('SIGKILL')
    }, deadlineMs)
    child.stderr.on('data', (chunk) => (words = `${words}${chunk}`.slice(-2_000)))
    child.on('message', ({ outcome }) => {
      if (outcome === undefined) return
      const [first] = outcome.failures
      result =
        first === undefined
          ? { how: `survived ${outcome.runs} seeds` }
          : { seed: first.seed, violation: first.violations[0] }
    })
    child.on('close', () => {
      clearTimeout(overdue)
      resolve({ ...result, ...(result.seed === undefined && words !== '' ? { words } : {}) })
    })
  })

const untouched = join(root, '.cache/simulation/mutants/none.mjs')
await bundle(untouched, [])

const hunt = async (mutant) => {
  const script = join(root, `.cache/simulation/mutants/${mutant.name.replace(/\W+/g, '-')}.mjs`)
  await bundle(script, [applying(mutant)])
  const found = await run(script, ['--seeds', values.seeds])
  if (found.seed === undefined) return found
  // A seed that fails with the safeguard as well says nothing about it.
  const anyway = await run(untouched, ['--from', String(found.seed), '--seeds', '1'])
  return anyway.seed === undefined ? found : { how: `seed ${found.seed} fails with the safeguard too` }
}

const parts = values.only.split(',').filter((part) => part !== '')
const chosen = mutants.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)))
if (chosen.length === 0) throw new Error(`no mutant's name holds any of ${parts.join(', ')}`)

const waiting = [...chosen]
const widest = Math.max(...chosen.map(({ name }) => name.length))
let survived = 0
const started = performance.now()
console.log(`${'safeguard taken away'.padEnd(widest)}  ${'seed'.padStart(6)}  promise broken`)
const work = async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { seed, violation, how, words } = await hunt(next)
    if (seed === undefined) survived++
    const found =
      seed === undefined
        ? `NOT FOUND: ${how}${words === undefined ? '' : `\n${words}`}`
        : violation.split('\n')[0].slice(0, 160)
    console.log(`${next.name.padEnd(widest)}  ${String(seed ?? '').padStart(6)}  ${found}`)
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work))
const seconds = (performance.now() - started) / 1000
console.log(`${chosen.length} mutants, ${chosen.length - survived} found, ${survived} not; ${seconds.toFixed(0)} s`)
process.exitCode = survived > 0 ? 1 : 0
