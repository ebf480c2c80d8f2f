/** Describes a violation of the adapter contract. */
export class AdapterFault extends Error {
  readonly _tag = 'AdapterFault'
  override readonly name = 'AdapterFault'
}

/** Throws unless it is so. */
export function hold(isSo: boolean, otherwise: () => string): asserts isSo {
  if (!isSo) throw new AdapterFault(otherwise())
}

/** A value in an error, short. */
export const shown = (value: unknown): string => {
  const text =
    value instanceof Error
      ? `${value.name}: ${value.message}`
      : ((JSON.stringify(value) as string | undefined) ?? 'undefined')
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
