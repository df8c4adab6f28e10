/** What our own parts sign events with: `by` of what no person has decided. */
const OWN = 'cliptally';
/** Readers of the log take these for a part of the system, with or without the prefix. */
const PARTS = [
  'accounts', 'anomaly', 'eligibility', 'import', 'monitor', 'relay', 'review', 'scheduler',
  'scraper', 'settlement', 'stripe', 'system',
]; // prettier-ignore

/**
 * Whether a caller of this name would speak for a part of the system: only Stripe itself says how a
 * transfer ended. Spaces, invisible signs, width and case make no other name of it.
 */
export function isReserved(subject: string): boolean {
  const plain = subject
    .normalize('NFKC')
    .replace(/[\p{Z}\p{C}]/gu, '')
    .toLowerCase();
  return plain.startsWith(`${OWN}:`) || plain === OWN || PARTS.includes(plain);
}
