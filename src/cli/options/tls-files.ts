import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { TlsOptions } from '../../gateway/index.js'
import { CliError } from '../cli-error.js'

export interface TlsFiles {
  readonly tlsCert?: string
  readonly tlsKey?: string
}

/** Reads and checks the certificate and the key of the command line; undefined without them. */
export function tlsFromFiles({ tlsCert, tlsKey }: TlsFiles): TlsOptions | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CliError('--tls-cert and --tls-key belong together: give both')
  }
  const tls = { cert: read(tlsCert, 'certificate'), key: read(tlsKey, 'key') }
  try {
    createSecureContext(tls)
  } catch {
    // Not the words of the library: they may quote what it was given, and that is a key.
    throw new CliError(`${tlsCert} and ${tlsKey} are not a certificate and its key in PEM`)
  }
  return tls
}

const read = (file: string, what: string): Buffer => {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new CliError(`cannot read the ${what} ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
