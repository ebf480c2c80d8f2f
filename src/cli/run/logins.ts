import type { Strategy, StrategyLogin } from '../../strategy/index.js'
import { CliError } from '../cli-error.js'

/** Names that the command line gives instead of the strategy's own. */
export interface NamedLogins {
  readonly platform?: readonly string[]
  readonly symbols?: readonly string[]
}

/** The strategy's logins, with what the command line says otherwise. @throws CliError */
export function loginsOf(strategy: Strategy, { platform, symbols }: NamedLogins): readonly StrategyLogin[] {
  if (platform !== undefined && platform.length !== strategy.logins.length) {
    throw new CliError(
      `the strategy logs in ${strategy.logins.length} times: --platform must name as many, separated by commas, and names ${platform.length}`,
    )
  }
  const logins = strategy.logins.map((login, index) => ({
    ...login,
    platform: platform?.[index] ?? login.platform,
    symbols: symbols ?? login.symbols,
  }))
  if (new Set(logins.map((login) => login.platform)).size < logins.length) {
    throw new CliError('two logins of one strategy are on the same platform: they would share one key')
  }
  return logins
}
