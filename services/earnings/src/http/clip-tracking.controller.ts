import { Controller, Inject, Post } from '@nestjs/common';
import { derivedId } from '@cliptally/contracts';
import { ClipAnswer, ScrapeRequestAnswer } from '@cliptally/contracts/api';
import { Commands } from '../commands/commands.js';
import { decideRestoration, decideViewField } from '../domain/clip-restoration.js';
import type { Snapshot } from '../queries/tables.js';
import { Tables } from '../queries/tables.js';
import { entriesOf, shownClip } from './clip-answers.js';
import { Ask, Operation, type Asked } from './operation.js';
import { notFound } from './problem.js';
import { ClipDecision, Nothing, ViewField } from './schemas.js';
import { scrapeRequestFor } from './scrape-request.js';

/** How a clip is scraped: now, again after its retirement, and by which field. */
@Controller()
export class ClipTrackingController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Tables) private readonly tables: Tables,
  ) {}

  @Post('clips/:id/track')
  @Operation({
    summary: 'Ask for a scrape of a clip now',
    roles: ['admin'],
    status: 202,
    body: ClipDecision,
    answer: ScrapeRequestAnswer,
    refusals: ['clip_state', 'clip_retired'],
  })
  async track(@Ask() { params, commandId }: Asked) {
    const scrape = {
      ...(await scrapeRequestFor(this.tables, params['id']!)),
      requestId: derivedId(commandId, 'look'),
    };
    await this.commands.track(commandId, [scrape]);
    return { requestId: scrape.requestId };
  }

  @Post('clips/:id/restore')
  @Operation({
    summary:
      'Bring a retired clip back: it is scraped as before; a creator may ask once a day for its own',
    roles: ['admin', 'creator'],
    status: 200,
    body: Nothing,
    answer: ClipAnswer,
    refusals: ['clip_not_retired', 'restored_today'],
  })
  async restore(@Ask() { caller, params, commandId }: Asked) {
    const id = params['id']!;
    const { subject: by, role } = caller;
    await entriesOf(this.tables, id, caller);
    const done = await this.commands.clip(commandId, id, async (found, now, snapshot) => {
      const { clip, askedAt } = await clipOf(snapshot, id);
      const who = { by, role: role === 'admin' ? role : 'creator', askedAt } as const;
      return decideRestoration(clip, found, who, now);
    });
    return shownClip(this.tables, id, done, 200, caller);
  }

  @Post('clips/:id/view-field')
  @Operation({
    summary: 'Read the views of a clip from another field of its sources from now on',
    roles: ['admin'],
    status: 200,
    body: ViewField,
    answer: ClipAnswer,
    refusals: ['view_field_same'],
  })
  async viewField(@Ask() { caller, params, body, commandId }: Asked<ViewField>) {
    const id = params['id']!;
    await entriesOf(this.tables, id, caller);
    const done = await this.commands.clip(commandId, id, async (_, __, snapshot) => {
      const { clip } = await clipOf(snapshot, id);
      return decideViewField(clip, { ...body, by: caller.subject });
    });
    return shownClip(this.tables, id, done, 200, caller);
  }
}

async function clipOf(snapshot: Snapshot, id: string) {
  const [row] = await snapshot.clipRows([id]);
  if (!row) throw notFound(`There is no clip "${id}".`);
  return {
    clip: { clipId: id, platform: row.platform, viewField: row.view_field },
    askedAt: row.restoration_asked_at?.toISOString() ?? null,
  };
}
