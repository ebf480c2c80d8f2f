import { CliError } from '../cli-error.js'

/** Tells whether an option, by its long name, is on the command line. */
export type IsGiven = (flag: string) => boolean

/** Options of `run` that are for the paper gateway that it starts itself. */
const ofPaper = ['--market', '--columns', '--symbol', '--seed', '--speed', '--latency', '--chaos']

/** Checks that no option of `run` is one that would be ignored. @throws Trouble */
export const checkRunOptions = (isGiven: IsGiven): void => {
  if (isGiven('--url')) {
    const flag = ofPaper.find(isGiven)
    if (flag !== undefined)
      throw new CliError(`${flag} is for the embedded paper gateway: it cannot be given together with --url`)
  } else if (isGiven('--keys')) {
    throw new CliError('--keys needs --url: the embedded paper gateway takes any key, and is shown none of yours')
  }
  checkMarketFlags(isGiven)
  checkSeed(isGiven)
}

/** Checks that no option of `gateway` is one that would be ignored. @throws Trouble */
export const checkGatewayOptions = (isGiven: IsGiven, options: { readonly logLevel: string }): void => {
  if (isGiven('--fsync') && !isGiven('--journal'))
    throw new CliError('--fsync needs --journal: it says how that is written')
  if (options.logLevel === 'silent' && isGiven('--log-file'))
    throw new CliError('--log-file would stay empty: --log-level is silent')
  checkMarketFlags(isGiven)
  checkSeed(isGiven)
}

const checkMarketFlags = (isGiven: IsGiven): void => {
  const flag = ['--columns', '--symbol'].find(isGiven)
  if (flag !== undefined && !isGiven('--market'))
    throw new CliError(`${flag} needs --market: it says how the files of a market are read`)
}

/** A recorded market has no seed; the jitter of a latency has one. */
const checkSeed = (isGiven: IsGiven): void => {
  if (isGiven('--seed') && isGiven('--market') && !isGiven('--latency'))
    throw new CliError(
      '--seed is for the synthetic market and for the jitter of --latency: it says nothing to --market',
    )
}
