// Runs the simulator: `npm run simulate -- --seeds 10000 [--from N] [--seed N] [--jobs N] [--keepgoing]`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { bundle, root } from './bundle.js'

if (process.argv.includes('--help')) {
  console.log(
    'npm run simulate -- [--seeds 1000] [--from 1] [--jobs 1] [--keepgoing] [--last 150], or --seed N for one run; the last so many events of a failure are drawn',
  )
  process.exit()
}
const script = join(root, '.cache/simulation/simulate.mjs')
await bundle(script)
const child = spawn(process.execPath, ['--enable-source-maps', script, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
child.on('close', (code) => (process.exitCode = code ?? 1))
