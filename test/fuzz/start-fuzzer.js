// Fuzzes the gateway: `npm run fuzz -- --frames 1000000 [--seed N] [--sockets SHARE]`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { bundle, root } from '../simulation/bundle.js'

if (process.argv.includes('--help')) {
  console.log('npm run fuzz -- [--frames 100000] [--seed N] [--sockets SHARE, 0.02]')
  process.exit()
}
const script = join(root, '.cache/fuzz/fuzz.mjs')
await bundle(script, [], 'test/fuzz/fuzz.ts')
const args = ['--enable-source-maps', script, ...process.argv.slice(2)]
spawn(process.execPath, args, { cwd: root, stdio: 'inherit' }).on('close', (code) => (process.exitCode = code ?? 1))
