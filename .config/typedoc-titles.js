// A plugin of TypeDoc: a page is named by its first heading, not by its path.
import { Converter } from 'typedoc'

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const [first] = document.content
    const heading = /^\s*# (.+)\n/.exec(first?.text ?? '')
    if (heading === null) return
    document.name = heading[1].trim()
    first.text = first.text.slice(heading[0].length)
  })
}
