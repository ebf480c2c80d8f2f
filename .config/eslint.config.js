import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import js from '@eslint/js'
import rxjsX from 'eslint-plugin-rxjs-x'
import tseslint from 'typescript-eslint'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const ports = 'Time and chance come in through ports (src/time) here, so that tests and backtests repeat.'

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
  message: 'Named exports only.',
}
// These pass tsc and jest and then crash in plain Node: neither package has an exports map.
const noDeepFpTs = {
  regex: '^(fp-ts|io-ts)/(?!lib/.+\\.js$)',
  message: "Import from the root ('io-ts', 'fp-ts'): Node cannot load this path.",
}
const timers = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate']
const wallGlobals = [...timers, 'performance', 'crypto']
const wallProperties = [
  { object: 'Date', property: 'now' },
  { object: 'Math', property: 'random' },
  { object: 'AbortSignal', property: 'timeout' },
  { object: 'process', property: 'hrtime' },
  ...['globalThis', 'window', 'self', 'global'].flatMap((object) =>
    wallGlobals.map((property) => ({ object, property })),
  ),
]

export default tseslint.config(
  { ignores: ['dist/**', '.cache/**', 'coverage/**', 'node_modules/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked, rxjsX.configs.strict],
    languageOptions: { parserOptions: { project: ['tsconfig.json'], tsconfigRootDir: root } },
    rules: {
      'no-restricted-imports': ['error', { patterns: [noDeepFpTs] }],
      'rxjs-x/no-ignored-subscribe': 'error',
      'rxjs-x/no-ignored-subscription': 'error',
      // What was caught is unknown by type, and is thrown on as it came.
      'rxjs-x/throw-error': ['error', { allowThrowingAny: false, allowThrowingUnknown: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      // `interface Order extends t.TypeOf<typeof Order> {}` gives an io-ts type a name in errors and docs.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      // Overloads are documented one by one here, as in rxjs.
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // A third of the linter's time, for enums that we do not have and classes that nothing passes off as one another.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noDefaultExport] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/transport/**', 'src/gateway/**', 'src/cli/**'],
    rules: {
      'no-restricted-globals': ['error', ...wallGlobals.map((name) => ({ name, message: ports }))],
      'no-restricted-properties': ['error', ...wallProperties.map((each) => ({ ...each, message: ports }))],
      'no-restricted-imports': [
        'error',
        {
          patterns: [noDeepFpTs, { regex: '^(node:)?(timers|timers/promises|crypto|perf_hooks)$', message: ports }],
        },
      ],
      'no-restricted-syntax': [
        'error',
        noDefaultExport,
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: ports },
        { selector: 'CallExpression[callee.name="Date"]', message: ports },
      ],
    },
  },
  {
    // Tests provoke what the library must survive; they may be blunt about it.
    files: ['test/**/*.ts', 'marbles/**/*.ts', 'examples/**/*.ts'],
    rules: {
      'rxjs-x/no-ignored-subscribe': 'off',
      'rxjs-x/no-ignored-subscription': 'off',
      'rxjs-x/no-ignored-error': 'off',
      'rxjs-x/no-nested-subscribe': 'off',
      // A stream that ends without a value should fail a test.
      'rxjs-x/no-ignored-default-value': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // Dear to look up, and what they guard against shows in a test by itself.
      '@typescript-eslint/no-misused-promises': 'off',
      '@typescript-eslint/no-deprecated': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [js.configs.recommended],
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'module', 'require', 'URL', 'performance', 'setTimeout', 'clearTimeout'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
)
