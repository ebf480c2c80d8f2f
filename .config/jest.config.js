import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const results = process.env.JEST_RESULTS

const swc = {
  swcrc: false,
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'es6' },
  sourceMaps: 'inline',
}

export default {
  reporters: ['default', ...(results ? [['<rootDir>/.config/jest-results.js', { file: results }]] : [])],
  rootDir: join(dirname(fileURLToPath(import.meta.url)), '..'),
  // src is a root too: Stryker runs no test at all without it, and says 0 % with exit 0.
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/marbles'],
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/marbles/**/*.marble.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/bench/', '<rootDir>/test/package/'],
  testEnvironment: 'node',
  // Many tests wait for processes and sockets: a core left free, as by default, would halve the speed on two.
  maxWorkers: '100%',
  cacheDirectory: '<rootDir>/.cache/jest',
  extensionsToTreatAsEsm: ['.ts'],
  // js first: a dependency that ships its .ts beside its .js must not be taken by its source.
  moduleFileExtensions: ['js', 'ts', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: {
    '^rxquant$': '<rootDir>/src/index.ts',
    '^rxquant/(.*)$': '<rootDir>/src/$1/index.ts',
    '^#web-socket$': '<rootDir>/src/transport/socket/node-socket.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '\\.marble\\.ts$': ['<rootDir>/.config/marble-transform.js', swc],
    '^.+\\.ts$': ['@swc/jest', swc],
  },
  coverageProvider: 'v8',
  coverageDirectory: '<rootDir>/coverage',
}
