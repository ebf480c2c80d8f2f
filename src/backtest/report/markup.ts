/** Text that is HTML already; everything else is escaped where it is put into `html`. */
export class Markup {
  constructor(readonly text: string) {}
}

type Part = Markup | string | number | undefined | readonly Part[]

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const textOf = (part: Part): string => {
  if (part === undefined) return ''
  if (part instanceof Markup) return part.text
  if (typeof part === 'string' || typeof part === 'number')
    return String(part).replace(/[&<>"']/g, (c) => escapes[c] ?? '')
  return part.map(textOf).join('')
}

/**
 * Builds HTML or SVG; strings are escaped, so that a name of a symbol or strategy cannot become
 * markup.
 */
export const html = (parts: TemplateStringsArray, ...values: readonly Part[]): Markup =>
  new Markup(parts.reduce((text, part, index) => text + textOf(values[index - 1]) + part))

/** HTML of our own that holds no text of others. */
export const raw = (text: string): Markup => new Markup(text)
