import { formatMoney } from '@cliptally/contracts';
import type { CreatorYearAnswer, TaxProfile } from '@cliptally/contracts/api';
import { writeCsv } from '@cliptally/spreadsheets';

const FIGURES = ['paid', 'returned', 'fees', 'gross', 'payments', 'clips'] as const;
const OF_PROFILE: readonly (readonly [column: string, of: keyof TaxProfile])[] = [
  ['kind', 'kind'],
  ['legal_name', 'legalName'],
  ['tax_id', 'taxId'],
  ['tax_id_country', 'taxIdCountry'],
  ['street', 'street'],
  ['postal_code', 'postalCode'],
  ['city', 'city'],
  ['region', 'region'],
  ['country', 'country'],
  ['vat_id', 'vatId'],
  ['birth_date', 'birthDate'],
  ['registration_number', 'registrationNumber'],
];
const QUARTERS = [1, 2, 3, 4] as const;
const COLUMNS = [
  'creator_id',
  'year',
  'currency',
  ...FIGURES,
  ...QUARTERS.flatMap((quarter) => FIGURES.map((figure) => `q${quarter}_${figure}`)),
  'has_tax_profile',
  ...OF_PROFILE.map(([column]) => column),
  'tax_profile_fault',
];

/** "1234.50": without a sign for thousands, which programs do not read. */
const decimal = (amount: number, currency: string): string =>
  formatMoney(amount, currency).split(' ')[0]!.replaceAll(',', '');

/** A row for each creator and currency, as CSV (RFC 4180) that no spreadsheet runs. */
export function creatorYearsCsv(years: readonly CreatorYearAnswer[]): string {
  const rows = years.map((one) => {
    const figures = (of: Pick<CreatorYearAnswer, (typeof FIGURES)[number]>) =>
      FIGURES.map((figure) =>
        figure === 'payments' || figure === 'clips'
          ? String(of[figure])
          : decimal(of[figure], one.currency),
      );
    return [
      one.creatorId,
      String(one.year),
      one.currency,
      ...figures(one),
      ...one.quarters.flatMap(figures),
      one.hasTaxProfile ? 'yes' : 'no',
      ...OF_PROFILE.map(([, of]) => one.taxProfile?.[of] ?? ''),
      one.taxProfileFault ?? '',
    ];
  });
  return writeCsv([COLUMNS, ...rows]);
}
