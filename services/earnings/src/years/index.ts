export { creatorYears } from './creator-years.js';
export { creatorYearsCsv } from './creator-years-csv.js';
export { TaxProfiles } from './tax-profiles.js';
