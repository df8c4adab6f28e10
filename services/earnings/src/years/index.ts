export { creatorYears } from './creator-years.js';
export { creatorYearsCsv } from './creator-years-csv.js';
export { keysIn, taxKeyVariables, taxKeysOf, type TaxKeys } from './tax-keys.js';
export { TaxProfiles } from './tax-profiles.js';
