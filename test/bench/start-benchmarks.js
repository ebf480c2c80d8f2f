// Runs test/bench/*.bench.ts, or those whose name holds one of the given words, one after another: side by side they would measure each other.
// They are compiled first: what a TypeScript loader makes of the sources (it names every closure at run time) is slower than what ships.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const folder = join(root, 'test/bench')
const compiled = join(root, '.cache/bench')
const words = process.argv.slice(2)
const all = (existsSync(folder) ? readdirSync(folder) : []).filter((file) => file.endsWith('.ts')).sort()
const files = all
  .filter((file) => file.endsWith('.bench.ts'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))

if (files.length === 0) console.log('bench: nothing to run')
else {
  rmSync(compiled, { recursive: true, force: true })
  await build({
    absWorkingDir: root,
    entryPoints: all.map((file) => join(folder, file)),
    outdir: compiled,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    alias: {
      '#web-socket': './src/transport/socket/node-socket.ts',
      // The examples import the package by its name.
      'rxquant/strategy': './src/strategy/index.ts',
    },
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
}
for (const file of files) {
  console.log(`\n──── ${file.replace('.bench.ts', '')} ────`)
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(compiled, file.replace(/\.ts$/, '.mjs'))], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
