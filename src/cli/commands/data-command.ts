import { checkFile, convertFiles, symbolAndFile } from '../../market/internal.js'
import { CliError } from '../cli-error.js'
import type { MarketFlags } from '../options/market-flags.js'

/** Options of `rxquant data convert`. */
export interface ConvertOptions extends MarketFlags {
  readonly out: string
}

const isMissing = (error: unknown): error is { readonly path: string } =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'path' in error

/**
 * `rxquant data check`: reports what a file holds and its faults, and changes nothing. Exit code 1
 * if a file has a fault.
 */
export async function dataCheckCommand(files: readonly string[], flags: MarketFlags): Promise<void> {
  for (const each of files) {
    const { file, symbol = flags.symbol } = symbolAndFile(each)
    const { facts, findings } = await checkFile(file, { ...flags, symbol })
    console.log(`${file}: ${findings.length === 0 ? 'sound' : 'faulty'}`)
    for (const words of [...facts, ...findings]) console.log(`  ${words}`)
    if (findings.length > 0) process.exitCode = 1
  }
}

/** `rxquant data convert`: writes files of one kind as one file of columns. */
export async function dataConvertCommand(files: readonly string[], { out, ...flags }: ConvertOptions): Promise<void> {
  const note = (words: string): void => console.error(words)
  try {
    const rows = await convertFiles(files, out, { ...flags, note })
    console.log(`${out}: ${rows} rows`)
  } catch (error) {
    if (isMissing(error)) throw new CliError(`there is no file ${error.path}`)
    throw error
  }
}
