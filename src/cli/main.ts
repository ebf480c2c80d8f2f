#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command, InvalidArgumentError, Option } from 'commander'
import { logLevels } from './commands/gateway-log.js'
import { failureInWords } from './run/failure-words.js'
import { gatewayCommand, type GatewayCommandOptions } from './commands/gateway-command.js'
import { type ConvertOptions, dataCheckCommand, dataConvertCommand } from './commands/data-command.js'
import { addMarketFlags, list, type MarketFlags } from './options/market-flags.js'
import { balances, fees, instantOf } from './options/backtest-flags.js'
import { addHashFlag, addLatencyFlag, addVenueFlags } from './options/venue-flags.js'
import { backtestCommand, type BacktestCommandOptions, START_BALANCE } from './commands/backtest-command.js'
import { compareCommand } from './commands/compare-command.js'
import { checkCommand, repairCommand } from './commands/journal-command.js'
import { type FromLogOptions, fromLogCommand } from './commands/marbles-command.js'
import { isReaderGone } from './commands/stop-signals.js'
import { runCommand, type RunCommandOptions } from './commands/run-command.js'
import { CliError } from './cli-error.js'

const numeric =
  (what: string, fits: (value: number) => boolean) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!fits(value)) throw new InvalidArgumentError(`It must be ${what}.`)
    return value
  }
/** Files of a repeatable option, each of them perhaps several with commas. */
const lists = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...list(text),
]
const leverage = numeric(
  'a whole number from 1 to 200',
  (value) => Number.isInteger(value) && value >= 1 && value <= 200,
)
const bars = numeric('a whole number above 0', (value) => Number.isInteger(value) && value > 0)
const port = numeric(
  'a whole number from 0 to 65535',
  (value) => Number.isInteger(value) && value >= 0 && value <= 65_535,
)
const whole = numeric('a whole number', Number.isSafeInteger)
const positive = numeric('a number above 0', (value) => value > 0 && value < Infinity)
/**
 * Refuses an empty path: a shell passes one for an unset variable, and as a folder it would be the
 * current one.
 */
const named =
  (what: string) =>
  (text: string): string => {
    if (text.trim() === '') throw new InvalidArgumentError(`It must be ${what}.`)
    return text
  }
const folder = named('a folder')
const file = named('a file')
const origins = (text: string): readonly string[] => {
  const named = list(text)
  // Origins are compared literally: one with a path or a trailing slash would match no client.
  if (!named.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin))
    throw new InvalidArgumentError('It must be origins as browsers send them, such as http://localhost:5173.')
  return named
}

/** Tells options on the command line from defaults, which have a value as well. */
const givenOn =
  (command: Command) =>
  (flag: string): boolean => {
    const name = command.options.find(({ long }) => long === flag)?.attributeName()
    return name !== undefined && command.getOptionValueSource(name) === 'cli'
  }

const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string }

const program = new Command('rxquant')
  .version(version)
  .description('Reactive streams for quant trading: strategies, a paper gateway, and their tools.')
  .helpCommand(false)
  .showHelpAfterError('(--help shows how)')

addMarketFlags(addHashFlag(addVenueFlags(program.command('gateway'))))
  .description('serve paper exchanges over the gateway protocol, with a market, until stopped')
  .option('--host <host>', 'where to listen', '127.0.0.1')
  .option('--port <port>', 'the port; 0 picks a free one', port, 9878)
  .option('--path <path>', 'the path of the WebSocket', '/ws/v1')
  .option('--seed <n>', 'the same seed gives the same synthetic market', whole, 1)
  .option(
    '--market <files>',
    'play recordings instead: trades, candles, order books of any known format; BTC/USDT=FILE says whose',
    list,
  )
  .option('--speed <n>', 'how fast time passes in the market', positive, 1)
  .option('--journal <dir>', 'keep a write-ahead journal there: a gateway that was killed resumes from it', folder)
  .addOption(
    new Option('--fsync <when>', 'with --journal, flush each line to the disk: then it survives a loss of power')
      .choices(['never', 'always'])
      .default('never'),
  )
  .option('--tls-cert <file>', 'speak TLS (wss): the certificate, in PEM', file)
  .option('--tls-key <file>', 'the key of the certificate, in PEM', file)
  .option(
    '--allow-remote',
    'listen beyond loopback, with TLS only: every client that can reach the port can trade',
    false,
  )
  .option(
    '--allow-host <names>',
    'names under which clients reach it, beside that of --host, separated by commas; name:443 where they dial another port',
    list,
  )
  .option('--allow-origin <origins>', 'web pages that may connect, separated by commas: http://localhost:5173', origins)
  .addOption(new Option('--log-level <level>', 'what is logged, as JSON lines').choices(logLevels).default('info'))
  .option('--log-file <file>', 'append the log to a file; without it, it goes to stderr', file)
  .action((options: GatewayCommandOptions, command: Command) => gatewayCommand(options, givenOn(command)))

addMarketFlags(addVenueFlags(program.command('run')))
  .description('run a strategy, a .ts or .js module, and show what happens')
  .argument('<strategy>', 'a module whose default export is made by strategy() of rxquant/strategy')
  .option('--url <url>', 'the gateway to trade through; without it, a paper gateway of its own is started')
  .option('--platform <names>', "platforms instead of the strategy's own, separated by commas", list)
  .option('--symbols <names>', "symbols instead of the strategy's own, separated by commas", list)
  .option(
    '--seconds <n>',
    'stop after so long; without it, when the strategy or its recorded market ends, or at Ctrl-C',
    positive,
  )
  .option('--seed <n>', 'of the paper market: the same seed gives the same prices', whole, 1)
  .option(
    '--market <files>',
    'of the paper market: play recordings instead, of any known format; BTC/USDT=FILE says whose',
    list,
  )
  .option('--speed <n>', 'of the paper market: how fast its time passes', positive, 1)
  .option('--keys <file>', 'with --url: keys by platform, as JSON', file)
  .option('--cancel-on-exit', 'cancel open orders at the end, except those that were open before', false)
  .option('--outcomes-within <seconds>', 'at the end, longest wait for the outcomes of orders (default: 30)', positive)
  .option(
    '--exclusive-account',
    'nothing else trades these accounts: a single matching order proves that an order whose reply was lost exists; an order without a match is released after 60 s (see --release-unknown-after)',
    false,
  )
  .option(
    '--release-unknown-after <seconds>',
    'close an order that is still unresolved so long after it was sent; risk: if it exists after all, it adds to what the strategy trades, and no risk gate counts it',
    positive,
  )
  .option('--json', 'print events and the summary as JSON lines', false)
  .option('--record <file>', 'write every frame to a file, as JSON lines; keys and tokens never', file)
  .addHelpText(
    'after',
    `
Keys for --url come from a file (--keys), such as
  {"huobi": {"access_key": "…", "secret_key": "…"}}
or from the environment: RXQUANT_HUOBI_ACCESS_KEY and RXQUANT_HUOBI_SECRET_KEY for huobi,
RXQUANT_ACCESS_KEY and RXQUANT_SECRET_KEY for every platform without keys of its own.
They are never sent to a paper gateway that run starts.

Ctrl-C stops the strategy and logs out; a second Ctrl-C leaves at once.

It ends with 0; with 1 when something failed; with 3 when an order is unresolved: it was sent, and its
outcome is unknown; with 4 when the strategy sent orders and every one was refused; with 130 at a second Ctrl-C.`,
  )
  .action((module: string, options: RunCommandOptions, command: Command) =>
    runCommand(module, options, givenOn(command)),
  )

addMarketFlags(addLatencyFlag(program.command('backtest')))
  .description('run a strategy over recorded markets in virtual time; show the result, and write a report')
  .argument('<strategy>', 'a module whose default export is made by strategy() of rxquant/strategy')
  .requiredOption(
    '--market <files...>',
    'recordings: trades, candles, order books (CSV, plain or gzip); BTC/USDT=FILE gives the symbol of a file',
    lists,
  )
  .option('--from <date>', 'first instant that is played: 2024-01-31 or 2024-01-31T12:00, in UTC', instantOf)
  .option('--to <date>', 'last instant that is played', instantOf)
  .option('--fees <shares>', 'maker,taker or one for both, such as 0.001 or 0.1%,0.2% (default: of the platform)', fees)
  .option(
    '--balance <amounts>',
    `balances at the start, such as 10000 or USDT=10000,BTC=0.5 (default: ${START_BALANCE} of the quote currency)`,
    balances,
  )
  .option('--leverage <n>', 'of contracts (default: of the platform)', leverage)
  .addOption(
    new Option(
      '--lane <lane>',
      'direct (default): the same client and exchange without frames; wire: with every frame of the protocol, needed by --latency',
    ).choices(['wire', 'direct']),
  )
  .option('--seed <n>', 'of the jitter of --latency', whole, 1)
  .option('--platform <names>', "platforms instead of the strategy's own, separated by commas", list)
  .option('--symbols <names>', "symbols instead of the strategy's own, separated by commas", list)
  .option('--report <file>', 'write a report: one HTML file, complete without network', file)
  .option('--trades <file>', 'write the round trips as CSV', file)
  .option('--json', 'print the result as one JSON object, for compare and programs', false)
  .option(
    '--check-lookahead [bars]',
    'run again with so many minutes cut off the end (default: a tenth, a quarter, a half), and compare the orders',
    bars,
  )
  .addHelpText(
    'after',
    `
Ctrl-C stops the run and shows the result up to then; a second Ctrl-C leaves at once.

It ends with 0; with 1 when something failed; with 4 when the strategy sent orders and every one was refused; with 5
when --check-lookahead found an order that knew the future; with 130 when it was stopped before the market ended.`,
  )
  .action((module: string, options: BacktestCommandOptions) => backtestCommand(module, options, version))

program
  .command('compare')
  .description('show two results of `backtest --json` side by side, and in which settings they differ')
  .argument('<a>', 'file of the first')
  .argument('<b>', 'file of the second')
  .option('--json', 'print the figures as one JSON object', false)
  .action((one: string, other: string, options: { readonly json: boolean }) => compareCommand(one, other, options))

const marbles = program.command('marbles').description('diagrams: tests in lanes, and their pictures')
marbles
  .command('from-log')
  .description('draft a diagram module from a recording (rxquant run --record), so that an incident becomes a test')
  .argument('<file>', 'the recording')
  .option('--out <file>', 'where to write the module; without it, it is printed', file)
  .option('--title <words>', 'the title of the diagram')
  .option('--market', 'take market data over as well', false)
  .action((recording: string, options: FromLogOptions) => fromLogCommand(recording, options))

const data = program.command('data').description('files of market data: what they hold, and a faster form of them')
addMarketFlags(data.command('check'))
  .description('report gaps, duplicates, wrong order, zero volume and prices far off; ends with 1 if a file has any')
  .argument('<files...>', 'files of market data; BTC/USDT=FILE says the symbol of one')
  .action((files: readonly string[], flags: MarketFlags) => dataCheckCommand(files, flags))
addMarketFlags(data.command('convert'))
  .description('write files of one kind as one file of columns, which --market and readMarket read faster')
  .argument('<files...>', 'files of market data; candles may overlap')
  .requiredOption('--out <file>', 'the file to write', file)
  .action((files: readonly string[], options: ConvertOptions) => dataConvertCommand(files, options))

const journal = program.command('journal').description('journals of a gateway (a folder) or of a client (a file)')
journal
  .command('check')
  .description('report damage of a journal, its place, and what can be done; ends with 1 if it is damaged')
  .argument('<path>', 'the folder of `gateway --journal`, or the file of an order journal')
  .action((path: string) => checkCommand(path))
journal
  .command('repair')
  .description('repair a journal; the old files stay beside it, with .damaged in their names')
  .argument('<path>', 'the folder of `gateway --journal`, or the file of an order journal; nothing may have it open')
  .action((path: string) => repairCommand(path))

program
  .command('help')
  .description('show the options of a command, such as `help run` or `help journal check`')
  .argument('[command...]')
  .action((names: readonly string[]) => {
    let shown: Command = program
    for (const name of names) {
      const next = shown.commands.find((command) => command.name() === name)
      if (next === undefined) throw new CliError(`there is no command ${name}; rxquant --help shows all`)
      shown = next
    }
    shown.outputHelp()
  })

// A closed pipe is no failure for help and drafts. `run` reports other failures of stdout.
process.stdout.on('error', (error) => {
  if (!isReaderGone(error) && process.stdout.listenerCount('error') === 1) throw error
})
try {
  await program.parseAsync()
} catch (error) {
  console.error(`rxquant: ${failureInWords(error)}`)
  process.exitCode ??= 1
}
// A strategy may have left timers or sockets of its own: they do not keep us.
process.exit()
