// The simulator, or another script of the tests, as one file. Compiled before it runs: a TypeScript loader names every closure at run time, which costs half the speed.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

export const bundle = (outfile, plugins = [], script = 'test/simulation/simulate.ts') =>
  build({
    absWorkingDir: root,
    entryPoints: [join(root, script)],
    outfile,
    bundle: true,
    packages: 'external',
    alias: { '#web-socket': './src/transport/socket/node-socket.ts' },
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins,
  })
