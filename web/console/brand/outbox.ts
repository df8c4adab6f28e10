import { Store } from '../../ui/store.js';
import { passes, post } from '../app/api.js';
import { client } from '../app/data.js';

export type Decision =
  { kind: 'approve' } | { kind: 'release' } | { kind: 'reject' | 'hold'; reason: string };

export interface Target {
  clipId: string;
  campaignId: string;
}

/** A decision that has not arrived yet. */
export interface Kept extends Target {
  /** Decisions that were made at once are sent and undone at once. */
  batch: string;
  key: string;
  decision: Decision;
  /** `kept`: it can be undone; `waits`: there was no answer; `arrived`: lists do not know yet. */
  state: 'kept' | 'sending' | 'waits' | 'arrived' | 'refused';
  /** Why it was refused, or has no answer. */
  fault: string | null;
}

const UNDO_MS = 6_000;
const AGAIN_MS = 5_000;
const MOST_AT_ONCE = 200;

/**
 * Decisions of a reviewer on their way. They wait a few seconds, during which they can be undone,
 * since a creator reads a rejection at once; and they stay until the API has answered.
 */
class Outbox extends Store<readonly Kept[]> {
  /** The last decisions that arrived. */
  #sent: readonly Kept[] = [];

  constructor() {
    super([]);
    addEventListener('beforeunload', (event) => {
      const open = this.get().some(({ state }) => state !== 'refused' && state !== 'arrived');
      if (open) event.preventDefault();
    });
  }

  decide(targets: readonly Target[], decision: Decision): void {
    const known = new Set(targets.map(nameOf));
    const others = this.get().filter((one) => !known.has(nameOf(one)));
    const added: Kept[] = [];
    for (let from = 0; from < targets.length; from += MOST_AT_ONCE) {
      const batch = crypto.randomUUID();
      for (const { clipId, campaignId } of targets.slice(from, from + MOST_AT_ONCE)) {
        const key = crypto.randomUUID();
        added.push({ clipId, campaignId, batch, key, decision, state: 'kept', fault: null });
      }
      setTimeout(() => void this.#send(batch), UNDO_MS);
    }
    this.set([...others, ...added]);
  }

  /** Takes back the last decision; the sentence says the outcome. */
  undo(): string {
    const last = this.get().findLast(({ state }) => state === 'kept');
    if (last) {
      const undone = this.get().filter(({ batch }) => batch === last.batch);
      this.set(this.get().filter(({ batch }) => batch !== last.batch));
      return undone.length === 1 ? 'Undone.' : `${undone.length} decisions undone.`;
    }
    const held = this.#sent.filter(({ decision }) => decision.kind === 'hold');
    if (held.length === 0) return 'There is nothing left to undo: what was decided has been sent.';
    this.#sent = [];
    this.decide(held, { kind: 'release' });
    return 'The hold is released again.';
  }

  /** Forgets a refusal that somebody has read. */
  dismiss({ key }: Kept): void {
    this.set(this.get().filter((one) => one.key !== key));
  }

  async #send(batch: string): Promise<void> {
    const own = this.get().filter((one) => one.batch === batch && one.state !== 'refused');
    if (own.length === 0) return;
    this.#mark(own, { state: 'sending' });
    const refusals = new Map<string, string>();
    try {
      for (const [key, fault] of await arrive(own)) refusals.set(key, fault);
    } catch (thrown) {
      const error = thrown as Error;
      const fault = error.message;
      this.#mark(own, { state: passes(error) ? 'waits' : 'refused', fault });
      if (passes(error)) setTimeout(() => void this.#send(batch), AGAIN_MS);
      return;
    }
    const refused = own.filter(({ key }) => refusals.has(key));
    for (const one of refused)
      this.#mark([one], { state: 'refused', fault: refusals.get(one.key)! });
    this.#sent = own.filter(({ key }) => !refusals.has(key));
    const sent = new Set(this.#sent.map(({ key }) => key));
    this.#mark(this.#sent, { state: 'arrived' });
    // The lists are read anew first, so that nothing that is decided comes back for a moment.
    await client.invalidateQueries();
    this.set(this.get().filter(({ key }) => !sent.has(key)));
  }

  #mark(some: readonly Kept[], change: Partial<Kept>): void {
    const keys = new Set(some.map(({ key }) => key));
    this.set(this.get().map((one) => (keys.has(one.key) ? { ...one, ...change } : one)));
  }
}

export const outbox = new Outbox();

export const nameOf = ({ clipId, campaignId }: Target): string => `${clipId} ${campaignId}`;

/** Sends decisions of one kind; gives the refusals by key. Throws if there is no answer. */
async function arrive(own: readonly Kept[]): Promise<[string, string][]> {
  const { decision, batch } = own[0]!;
  if (decision.kind === 'hold') return holdEach(own, decision.reason);
  const { kind, ...reason } = decision;
  const reviews = own.map(({ clipId, campaignId }) => ({
    clipId,
    campaignId,
    decision: kind,
    ...reason,
  }));
  const answer = await post('POST /clips/reviews', { key: batch, body: { reviews } });
  return answer.reviews.flatMap(({ done, detail }, nth) =>
    done ? [] : [[own[nth]!.key, detail ?? 'It was refused.'] as [string, string]],
  );
}

async function holdEach(own: readonly Kept[], reason: string): Promise<[string, string][]> {
  const refusals: [string, string][] = [];
  for (const { key, clipId: id, campaignId } of own)
    try {
      await post('POST /clips/{id}/hold', { id, key, body: { campaignId, reason } });
    } catch (thrown) {
      const error = thrown as Error;
      if (passes(error)) throw error;
      refusals.push([key, error.message]);
    }
  return refusals;
}
