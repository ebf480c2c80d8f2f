export { type JournalReport, LockHeld, NotRegularFile } from '../disk/index.js'
export {
  type FileIntentJournal,
  type FileIntentJournalOptions,
  fileIntentJournal,
} from './file-intent-journal.js'
export { JournalDamaged } from './intent-file.js'
export { checkIntentJournal, repairIntentJournal } from './mend-intents.js'
