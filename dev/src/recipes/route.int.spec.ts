import { Count, EntityId } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { ownCampaignOf } from '../../../services/earnings/src/http/campaign-of.js';
import { Ask, Operation, type Asked } from '../../../services/earnings/src/http/operation.js';
import { remainingOf } from '../../../services/earnings/src/domain/campaign.js';
import { Tables } from '../../../services/earnings/src/queries/tables.js';
import { API_CONTROLLERS } from '../../../services/earnings/src/http/application.js';
import { startApiWorld } from '../../../services/earnings/src/testing/api-world.js';

const RemainingAnswer = z
  .object({ campaignId: EntityId, remaining: Count })
  .meta({ id: 'Remaining' });

@Controller('campaigns')
class RemainingController {
  constructor(@Inject(Tables) private readonly tables: Tables) {}

  @Get(':id/remaining')
  @Operation({
    summary: 'Show how much of a budget is left, in minor units',
    roles: ['admin', 'brand'],
    status: 200,
    answer: RemainingAnswer,
  })
  async remaining(@Ask() { caller, params }: Asked) {
    const { state } = await ownCampaignOf(this.tables, caller, params['id']!);
    return { campaignId: state.campaignId, remaining: remainingOf(state) };
  }
}

describe('the recipe of a route', () => {
  let world: Awaited<ReturnType<typeof startApiWorld>>;
  beforeAll(async () => {
    API_CONTROLLERS.push(RemainingController);
    world = await startApiWorld();
    await world.post(
      '/campaigns',
      world.terms({ campaignId: 'spring', brandId: 'acme', budget: 500 }),
    );
  });
  afterAll(async () => {
    API_CONTROLLERS.pop();
    await world.close();
  });
  const path = '/campaigns/spring/remaining';

  it('answers the brand whose campaign it is, and admins', async () => {
    for (const as of [['brand', 'acme'], ['admin', 'root']] as const) {
      const { status, body } = await world.get(path, { as: [...as] });
      expect([as, status, body]).toEqual([as, 200, { campaignId: 'spring', remaining: 500 }]);
    }
  }); // prettier-ignore

  it('answers nobody else', async () => {
    const asked = [null, ['brand', 'other'], ['creator', 'ann']] as const;
    const statuses = await Promise.all(
      asked.map(async (as) => (await world.get(path, { as: as && [...as] })).status),
    );
    expect(statuses).toEqual([401, 404, 403]);
    expect((await world.get('/campaigns/none/remaining')).body).toMatchObject({
      status: 404,
      code: 'not_found',
    });
    expect((await world.get('/campaigns/b%20d/remaining')).body).toMatchObject({ status: 400 });
  });

  it('stands in the OpenAPI document', async () => {
    const { paths, components } = (await world.get('/openapi.json')).body;
    expect(paths['/campaigns/{id}/remaining'].get).toMatchObject({
      summary: 'Show how much of a budget is left, in minor units',
      responses: {
        200: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Remaining' } } },
        },
      },
    });
    expect(components.schemas.Remaining.required).toEqual(['campaignId', 'remaining']);
  });
});
