import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from '@jest/globals'

it('leaves no socket, no timer and no uncaught error behind, in whatever phase a connection is left', async () => {
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', 'test/support/every-phase.ts'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  child.stderr.on('data', (chunk) => (output += String(chunk)))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  expect({ output, code, signal }).toEqual({ output: 'left: \n', code: 0, signal: null })
}, 30_000)
