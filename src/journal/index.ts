export { type JournalReport, LockHeld, NotRegularFile } from '../disk/index.js'
export {
  type FileOrderJournal,
  type FileOrderJournalOptions,
  fileOrderJournal,
} from './file-order-journal.js'
export { JournalDamaged } from './order-journal-file.js'
export { checkOrderJournal, repairOrderJournal } from './mend-order-journal.js'
