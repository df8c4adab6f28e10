import type { AnyEvent } from '@cliptally/contracts';
import { upsert } from '@cliptally/messaging';
import type { ClientBase } from 'pg';
import { evolveShortLink, type PendingLink, type ShortLinkFact } from '../domain/short-link.js';

interface LinkRow {
  link_id: string;
  revision: number;
  correlation_id: string;
  state: PendingLink;
}

/** The short links that events touch. */
export class ShortLinks {
  readonly #links = new Map<string, LinkRow>();

  async load(events: readonly AnyEvent[], db: ClientBase): Promise<void> {
    const ids = new Set(
      events.flatMap(({ data }) =>
        'linkId' in data && !this.#links.has(data.linkId) ? [data.linkId] : [],
      ),
    );
    if (ids.size === 0) return;
    const sql =
      'select link_id, revision, correlation_id, state from short_links where link_id = any($1)';
    const { rows } = await db.query<LinkRow>(sql, [[...ids]]);
    for (const row of rows) this.#links.set(row.link_id, row);
  }

  take(event: AnyEvent & ShortLinkFact): void {
    const { linkId } = event.data;
    const before = this.#links.get(linkId);
    const correlation_id =
      event.type === 'ShortLinkSubmitted' ? event.correlationId : (before?.correlation_id ?? '');
    const state = evolveShortLink(before?.state ?? null, event);
    this.#links.set(linkId, { link_id: linkId, revision: event.revision, correlation_id, state });
  }

  save(db: ClientBase): Promise<void> {
    const rows = [...this.#links.values()].map(({ state, ...row }) => ({
      ...row,
      campaign_id: state.campaignId,
      creator_id: state.creatorId,
      status: state.status,
      submitted_at: state.submittedAt,
      next_try_at: state.nextTryAt,
      state,
    }));
    return upsert(db, 'short_links', ['link_id'], rows);
  }
}
