/** Names for other folders of this package; index.ts has the public ones. */
export { venueFolders } from './paper/mend-journal.js'
export { command, type CommandRequest } from './connection/commands.js'
export { refusal } from './adapter/refusal.js'
