import { Controller, Delete, Get, Inject, Put } from '@nestjs/common';
import {
  CreatorYearsAnswer,
  TaxProfile,
  TaxProfileAnswer,
  TaxProfileChange,
} from '@cliptally/contracts/api';
import { Tables } from '../queries/tables.js';
import { TaxProfiles, creatorYears, creatorYearsCsv } from '../years/index.js';
import { requireSelf } from './auth/ownership.js';
import { Answer, Ask, Operation, type Asked } from './operation.js';
import { isTwoTexts, pageOf, placeIn } from './paging.js';
import { notFound } from './problem.js';
import { CreatorYearsFileQuery, CreatorYearsQuery, type Nothing } from './schemas.js';

const LIST = 'creator years';
/** A file has all of a year; larger ones are read page by page. */
const MOST_ROWS = 100_000;

/** What creators were paid in a year, and who they are to the tax office. */
@Controller()
export class YearsController {
  constructor(
    @Inject(Tables) private readonly tables: Tables,
    @Inject(TaxProfiles) private readonly profiles: TaxProfiles,
  ) {}

  @Get('exports/years/:year/creators')
  @Operation({
    summary: 'What creators were paid in a year of UTC, by currency and quarter, for tax reports',
    roles: ['admin'],
    status: 200,
    query: CreatorYearsQuery,
    answer: CreatorYearsAnswer,
  })
  async creators(@Ask() { params, query }: Asked<Nothing, CreatorYearsQuery>) {
    const { limit, cursor, currency, atLeast } = query;
    const year = yearOf(params['year']!);
    const list = `${LIST} ${year}`;
    const after = placeIn(cursor, isTwoTexts, list);
    const found = await creatorYears(this.tables, this.profiles, {
      year,
      currency,
      atLeast,
      after,
      limit: limit + 1,
    });
    const { rows: items, next } = pageOf(
      found,
      limit,
      ({ creatorId, currency: of }) => [creatorId, of],
      list,
    );
    return { items, next };
  }

  @Get('exports/years/:year/creators.csv')
  @Operation({
    summary: 'The same of all creators, as CSV',
    roles: ['admin'],
    status: 200,
    query: CreatorYearsFileQuery,
    produces: 'text/csv',
  })
  async creatorsFile(@Ask() { params, query }: Asked<Nothing, CreatorYearsFileQuery>) {
    const year = yearOf(params['year']!);
    const all = { ...query, year, after: null, limit: MOST_ROWS };
    const years = await creatorYears(this.tables, this.profiles, all);
    return new Answer(200, creatorYearsCsv(years), {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="creators-${year}.csv"`,
    });
  }

  @Get('creators/:id/tax-profile')
  @Operation({
    summary: 'Who a creator is to the tax office',
    roles: ['admin', 'creator'],
    status: 200,
    answer: TaxProfileAnswer,
    refusals: ['profile_sealed'],
  })
  profile(@Ask() { caller, params }: Asked) {
    const creatorId = params['id']!;
    requireSelf(caller, { creatorId }, `The tax profile of "${creatorId}"`);
    return this.profiles.of(creatorId);
  }

  @Put('creators/:id/tax-profile')
  @Operation({
    summary: 'Say who a creator is to the tax office; it is in no event and can be erased',
    roles: ['admin', 'creator'],
    status: 200,
    body: TaxProfile,
    answer: TaxProfileChange,
    refusals: ['profile_sealed'],
  })
  async setProfile(@Ask() { caller, params, body }: Asked<TaxProfile>) {
    const creatorId = params['id']!;
    requireSelf(caller, { creatorId }, `The tax profile of "${creatorId}"`);
    return { creatorId, changedAt: await this.profiles.put(creatorId, body) };
  }

  @Delete('creators/:id/tax-profile')
  @Operation({
    summary: 'Erase who a creator is to the tax office',
    roles: ['admin'],
    status: 200,
    answer: TaxProfileChange,
  })
  async eraseProfile(@Ask() { params }: Asked) {
    const creatorId = params['id']!;
    await this.profiles.erase(creatorId);
    return { creatorId, changedAt: null };
  }
}

function yearOf(text: string): number {
  if (!/^(19[789]|2\d\d)\d$/.test(text))
    throw notFound(`There is no year "${text}": name one of 1970 to 2999, for example 2026.`);
  return Number(text);
}
