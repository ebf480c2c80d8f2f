// Every strategy of examples/ over a month of minute candles and ten minutes of a real book, whole: `npm run months [-- -t market-maker]`.
// A short span of it is among the tests.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const jest = ['--no-warnings', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js']
const args = [...jest, 'test/examples/months', ...process.argv.slice(2)]
const env = { ...process.env, RXQUANT_MONTHS: 'whole' }
spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env }).on('close', (code) => process.exit(code ?? 1))
