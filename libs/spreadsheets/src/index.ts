export { damageOf, shownInstead } from './damage.js';
export { decode, ENCODINGS, isWorkbook, type Encoding } from './decode.js';
export { FileFault } from './file-fault.js';
export { guarded, unguarded } from './guard.js';
export { records, type FileRow, type Unreadable } from './records.js';
export {
  cellText,
  readSheet,
  REPORT_COLUMNS,
  sheetOf,
  type BrokenRow,
  type Columns,
  type Row,
  type Sheet,
} from './sheet.js';
export { amountOf, instantOf, wholeOf, type Reading } from './values.js';
export { writeCsv } from './write.js';
