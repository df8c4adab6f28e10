import { z } from 'zod';
import { Count, EntityId, Instant } from '../events/common.js';
import { Currency, Minor } from '../money.js';
import { Text } from '../text.js';

const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'must be two letters of ISO 3166, for example DE')
  .describe('ISO 3166, two letters.');
const Name = Text.trim().min(1).max(200);
const Id = Text.trim().min(1).max(50);

/** Who a creator is to the tax office. It lives in a table beside the log, and can be erased. */
export const TaxProfile = z.strictObject({
  kind: z.enum(['individual', 'entity']).describe('A person, or a company.'),
  legalName: Name.describe('As the tax office knows it.'),
  taxId: Id.describe('TIN: of the United States an SSN, ITIN or EIN.'),
  taxIdCountry: Country.describe('Which country has issued the tax id: ISO 3166, two letters.'),
  street: Name.describe('Street and number.'),
  postalCode: Text.trim().min(1).max(20),
  city: Name,
  region: Text.trim().min(1).max(100).optional().describe('State or province, where there is one.'),
  country: Country.describe('Of the address: ISO 3166, two letters.'),
  vatId: Id.optional().describe('Where there is one.'),
  birthDate: z.iso.date().optional().describe('Of an individual.'),
  registrationNumber: Id.optional().describe('Of an entity, where there is one.'),
});
export type TaxProfile = z.infer<typeof TaxProfile>;

export const TaxProfileAnswer = z
  .object({
    creatorId: EntityId,
    profile: TaxProfile.nullable().describe('Null if nobody has given it.'),
    changedAt: Instant.nullable().describe('When it was given; null if it was not.'),
  })
  .meta({ id: 'TaxProfileOfCreator' });
export type TaxProfileAnswer = z.infer<typeof TaxProfileAnswer>;

/** The answer to a change: what it was is not repeated. */
export const TaxProfileChange = z
  .object({ creatorId: EntityId, changedAt: Instant.nullable() })
  .meta({ id: 'TaxProfileChange' });

const money = z.int();
const figures = {
  paid: Minor.describe('Payments that left in this time, by the date of payment.'),
  payments: Count.describe('How many these are.'),
  returned: Minor.describe('Payments that came back in this time, whenever they had left.'),
  fees: money.describe('Platform fees withheld, less what of them went back.'),
  gross: money.describe('Paid less returned, and fees.'),
  clips: Count.describe('Clips in campaigns for which something was accrued.'),
};

export const CreatorYearAnswer = z
  .object({
    creatorId: EntityId,
    currency: Currency,
    year: Count,
    ...figures,
    quarters: z.array(z.object({ quarter: z.int().min(1).max(4), ...figures })).length(4),
    hasTaxProfile: z.boolean().describe('Whether the creator has given a tax profile.'),
    taxProfile: TaxProfile.nullable(),
    taxProfileFault: z
      .string()
      .nullable()
      .describe(
        'Why a profile that was given cannot be opened; null if it can, or if none was given.',
      ),
  })
  .meta({ id: 'CreatorYear' });
export type CreatorYearAnswer = z.infer<typeof CreatorYearAnswer>;

export const CreatorYearsAnswer = z
  .object({
    items: z.array(CreatorYearAnswer),
    next: z.string().nullable().describe('Cursor of the next page; null on the last one.'),
  })
  .meta({ id: 'CreatorYears' });
