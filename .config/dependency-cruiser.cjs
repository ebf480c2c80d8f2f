// Folders are the architecture and imports go down only. This table is the whole of it; the rules below are made from it.
//   uses      folders whose index.ts (public names) and internal.ts (names for other folders only) may be imported
//   typesOf   folders of which only types may be imported
//   packages  npm packages (types included)
const layers = {
  protocol: { uses: [], typesOf: [], packages: ['io-ts', 'fp-ts'] },
  orders: { uses: [], typesOf: ['protocol'], packages: [] },
  time: { uses: [], typesOf: [], packages: ['rxjs'] },
  operators: { uses: ['time'], typesOf: [], packages: ['rxjs'] },
  transport: { uses: ['time'], typesOf: ['protocol'], packages: ['rxjs', 'rxjs-websockets', 'ws'] },
  client: { uses: ['transport', 'operators', 'orders', 'protocol', 'time'], typesOf: [], packages: ['rxjs', 'io-ts'] },
  disk: { uses: [], typesOf: [], packages: [] },
  journal: { uses: ['disk', 'protocol'], typesOf: ['client'], packages: ['io-ts'] },
  strategy: {
    uses: ['operators', 'orders'],
    typesOf: ['client', 'protocol'],
    packages: ['rxjs', 'big.js', 'trading-signals'],
  },
  market: {
    uses: ['operators', 'protocol', 'time'],
    typesOf: ['client', 'exchange'],
    packages: ['rxjs', 'csv-parse', 'big.js', 'ws'],
  },
  exchange: { uses: ['orders'], typesOf: ['protocol'], packages: ['big.js'] },
  gateway: {
    uses: ['exchange', 'market', 'transport', 'operators', 'orders', 'protocol', 'time', 'disk'],
    typesOf: [],
    packages: ['rxjs', 'io-ts', 'ws', 'big.js', 'pino'],
  },
  testing: {
    uses: ['gateway', 'exchange', 'market', 'strategy', 'client', 'transport', 'operators', 'protocol', 'time'],
    typesOf: [],
    packages: ['rxjs', 'io-ts', 'big.js'],
  },
  backtest: {
    uses: ['testing', 'gateway', 'exchange', 'market', 'strategy', 'client', 'orders', 'transport', 'time'],
    typesOf: ['protocol'],
    packages: ['rxjs', 'big.js'],
  },
}
// The client's inside, from the bottom up: each part uses those before it. What all parts use lies beside them; the face lies above them.
const clientParts = ['errors', 'connection', 'requests', 'state', 'orders', 'session']
const clientFace = '^src/client/(account|connect|gateway|index|internal)\\.ts$'

// The public face: connect, the Account and what its signatures name.
const face = ['client', 'orders', 'transport', 'operators', 'protocol', 'time']
const onMachines = ['disk', 'journal', 'transport', 'gateway', 'market', 'cli']

const folder = (names) => `^src/(${names.join('|')})/`
const npm = (names) => `(^|/)node_modules/(@types/)?(${names.map((name) => name.replace('.', '\\.')).join('|')})/`

const layerRules = Object.entries(layers).flatMap(([name, { uses, typesOf, packages }]) => [
  {
    name: `${name}-imports-down-only`,
    comment: `src/${name} may import ${[...uses, ...typesOf.map((other) => `types of ${other}`)].join(', ') || 'no other folder'}.`,
    severity: 'error',
    from: { path: folder([name]) },
    to: { path: '^src/', pathNot: folder([name, ...uses, ...typesOf]) },
  },
  ...(typesOf.length === 0
    ? []
    : [
        {
          name: `${name}-imports-types-only`,
          comment: `src/${name} may import only types of ${typesOf.join(', ')}: write "import type".`,
          severity: 'error',
          from: { path: folder([name]) },
          to: { path: folder(typesOf), dependencyTypesNot: ['type-only'] },
        },
      ]),
  {
    name: `${name}-packages`,
    comment: `src/${name} may import these packages: ${packages.join(', ') || 'none'}.`,
    severity: 'error',
    from: { path: folder([name]) },
    to: { path: '(^|/)node_modules/', pathNot: npm([...packages, 'node']) },
  },
])

const clientPart = (parts) => `^src/client/(${parts.join('|')})/`
const clientRules = [
  ...clientParts.map((part, index) => ({
    name: `client-${part}-imports-down-only`,
    comment: `src/client/${part} may import ${clientParts.slice(0, index).join(', ') || 'no other part'} of the client, and the files beside them.`,
    severity: 'error',
    from: { path: clientPart([part]) },
    to: { path: '^src/client/[^/]+/', pathNot: clientPart(clientParts.slice(0, index + 1)) },
  })),
  {
    name: 'client-face-on-top',
    comment: "Of the client's parts, only session may import account.ts and gateway.ts, which describe it.",
    severity: 'error',
    from: { path: clientPart(clientParts.slice(0, -1)) },
    to: { path: clientFace },
  },
  {
    name: 'client-entry-on-top',
    comment: 'connect.ts and index.ts of the client import its parts, not the other way round.',
    severity: 'error',
    from: { path: clientPart(clientParts) },
    to: { path: '^src/client/(connect|index|internal)\\.ts$' },
  },
  {
    name: 'client-base-below',
    comment:
      'What all parts of the client use imports none of them but the errors: it lies beside them, the face above.',
    severity: 'error',
    from: { path: '^src/client/[^/]+\\.ts$', pathNot: clientFace },
    to: { path: '^src/client/[^/]+/', pathNot: '^src/client/errors/' },
  },
]

module.exports = {
  forbidden: [
    ...layerRules,
    ...clientRules,
    {
      name: 'face-imports-down-only',
      comment: `src/index.ts may import ${face.join(', ')}.`,
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/', pathNot: folder(face) },
    },
    {
      name: 'folder-has-a-layer',
      comment: 'A new folder of src takes its place in the table of .config/dependency-cruiser.cjs first.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: `${folder([...Object.keys(layers), 'cli'])}|^src/index\\.ts$` },
    },
    {
      name: 'through-the-index',
      comment: "A folder imports another folder's index.ts or internal.ts only.",
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/(index|internal)\\.ts$'] },
    },
    {
      name: 'face-through-the-index',
      comment: 'src/index.ts and whatever shows how the package is used import entries only.',
      severity: 'error',
      from: { path: '^(src/index\\.ts$|examples/|marbles/)' },
      // testing/adapter is an entry of its own.
      to: { path: '^src/', pathNot: ['^src/index\\.ts$', '^src/([^/]+|testing/adapter)/index\\.ts$'] },
    },
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module, or three. Type-only imports count.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'node-only-on-machines',
      comment: `Node's own modules and ws are for ${onMachines.join(', ')}: the rest runs in a browser.`,
      severity: 'error',
      from: { path: '^src/', pathNot: folder(onMachines) },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'ws-only-on-machines',
      comment: `Node's own modules and ws are for ${onMachines.join(', ')}: the rest runs in a browser.`,
      severity: 'error',
      from: { path: '^src/', pathNot: folder(onMachines) },
      to: { path: npm(['ws']) },
    },
    {
      name: 'src-knows-no-tests',
      comment: 'src may not import test, examples, marbles or the tools.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|examples|marbles|\\.config|dist)/' },
    },
    {
      name: 'no-development-packages',
      comment: 'What src imports must be installed with the package: a dependency or a peer.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer', 'npm'] },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'A package that package.json does not name is there by chance.',
      severity: 'error',
      from: { path: '^src/' },
      // A peer that is a development package too is called npm-no-pkg as well.
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'npm-peer'] },
    },
    {
      name: 'resolvable',
      comment: 'The module does not exist.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
    cache: false,
  },
}
