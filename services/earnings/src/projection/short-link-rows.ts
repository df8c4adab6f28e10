import type { AnyEvent } from '@cliptally/contracts';
import { Rows } from '@cliptally/messaging';
import { evolveShortLink, type ShortLinkFact } from '../domain/short-link.js';
import type { ShortLinkRow } from './table-rows.js';

/** Short links, by the rules of the domain. */
export class ShortLinkRows extends Rows<ShortLinkRow> {
  constructor() {
    super('short_links', 'link_id');
  }

  take(event: AnyEvent & ShortLinkFact): void {
    const { linkId } = event.data;
    const before = this.get(linkId);
    const state = evolveShortLink(before?.state ?? null, event);
    this.put({
      link_id: linkId,
      campaign_id: state.campaignId,
      creator_id: state.creatorId,
      status: state.status,
      submitted_at: state.submittedAt,
      next_try_at: state.nextTryAt,
      revision: event.revision,
      correlation_id:
        event.type === 'ShortLinkSubmitted' ? event.correlationId : (before?.correlation_id ?? ''),
      state,
    });
  }
}
