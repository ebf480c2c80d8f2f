// Runs the simulator: `npm run simulate -- --seeds 10000 [--from N] [--seed N] [--jobs N]`. Compiled first: a TypeScript loader names
// every closure at run time, which costs half the speed.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const script = join(root, '.cache/simulation/simulate.mjs')

const args = process.argv.slice(2)
const option = (name, otherwise) => {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(args[at + 1])
}

await build({
  absWorkingDir: root,
  entryPoints: [join(root, 'test/simulation/simulate.ts')],
  outfile: script,
  bundle: true,
  packages: 'external',
  alias: { '#web-socket': './src/transport/node-socket.ts' },
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'error',
})

const run = (more) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--enable-source-maps', script, ...more], { cwd: root, stdio: 'inherit' })
    child.on('close', (code) => resolve(code ?? 1))
  })

const jobs = args.includes('--seed') ? 1 : option('jobs', 1)
const at = args.indexOf('--jobs')
const own = at < 0 ? args : [...args.slice(0, at), ...args.slice(at + 2)]
const from = option('from', 1)
const seeds = option('seeds', 1000)
const share = Math.ceil(seeds / jobs)
const codes = await Promise.all(
  Array.from({ length: jobs }, (_, i) =>
    run(
      jobs === 1
        ? own
        : [...own, '--from', String(from + i * share), '--seeds', String(Math.min(share, seeds - i * share))],
    ),
  ),
)
process.exitCode = codes.some((code) => code !== 0) ? 1 : 0
