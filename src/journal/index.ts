export { LockHeld } from '../disk/index.js'
export {
  type FileIntentJournal,
  type FileIntentJournalOptions,
  fileIntentJournal,
  JournalDamaged,
} from './file-intent-journal.js'
