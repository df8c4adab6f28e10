import type { AnyEvent } from '@cliptally/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshUrl, type ApiAnswer } from '../testing/api-world.js';
import { startRaceWorld, type Part } from '../testing/race-world.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Each race is run so often; each round has people, clips and accounts of its own. */
const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 8);
const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
const times = <T>(n: number, make: (nth: number) => T): T[] => Array.from({ length: n }, (_, nth) => make(nth)); // prettier-ignore
const codeOf = ({ status, body }: ApiAnswer) => (status < 300 ? 'done' : (body.code as string));

/**
 * What people decide at once, over two processes of the service, is judged by the log that it
 * leaves: each limit holds, and each thing is decided once.
 */
describe('races of people', () => {
  let world: Awaited<ReturnType<typeof startRaceWorld>>;
  let second: Awaited<ReturnType<typeof world.second>>;
  beforeAll(async () => {
    world = await startRaceWorld();
    second = await world.second();
  }, 120_000);
  afterAll(async () => {
    await second.close();
    await world.close();
  });

  /** The same by both processes in turn. */
  const post = (nth: number, path: string, body: object = {}): Promise<ApiAnswer> =>
    nth % 2 === 0 ? world.post(path, body) : second.post(path, body);
  /** Who was too slow asks again, as every client does. */
  async function insist(nth: number, path: string, body: object = {}): Promise<ApiAnswer> {
    for (let tries = 1; ; tries++) {
      const answer = await post(nth, path, body);
      if (codeOf(answer) !== 'busy' || tries === 20) return answer;
    }
  }
  const launched = async (more: object = {}): Promise<string> =>
    (await world.post('/campaigns', world.terms({ validationDays: 0, anomalyThreshold: null, ...more }))).body.campaignId; // prettier-ignore
  const submit = (nth: number, campaignId: string, creatorId: string) =>
    insist(nth, '/clips', { url: freshUrl(), campaignId, creatorId });
  const of = async <T extends AnyEvent['type']>(type: T) =>
    (await world.logSince()).filter((event): event is Extract<AnyEvent, { type: T }> => event.type === type); // prettier-ignore
  /** How many submissions that count each creator has made on each day of UTC. */
  async function byDay(campaignId: string): Promise<number[]> {
    const made = (await of('ClipSubmitted')).filter(
      ({ data }) => data.campaignId === campaignId && !('submittedAt' in data && data.submittedAt),
    );
    const days = Map.groupBy(made, ({ data, time }) => `${data.creatorId} ${time.slice(0, 10)}`);
    // What was decided before midnight may be appended after it.
    const inOrder = [...days].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return inOrder.map(([, own]) => own.length);
  }

  it('submissions of a day over two processes: as many as the limit says, and everybody else learns why', async () => {
    await world.begin();
    for (const round of rounds) {
      const campaignId = await launched({ maxSubmissionsPerDay: 3 });
      const creatorId = `daily-${round}`;
      const codes = (await Promise.all(times(9, (nth) => submit(nth, campaignId, creatorId)))).map(codeOf); // prettier-ignore
      expect(codes.toSorted()).toEqual([...times(3, () => 'done'), ...times(6, () => 'submissions_of_day')]); // prettier-ignore
      expect(await byDay(campaignId)).toEqual([3]);
    }
  }, 120_000);

  it('submissions while midnight passes: each counts for the day of its event, and no day has more than the limit', async () => {
    await world.begin();
    for (const round of rounds) {
      const campaignId = await launched({ maxSubmissionsPerDay: 2 });
      const now = world.clock.now().getTime();
      world.clock.advance(DAY_MS - (now % DAY_MS) - 1);
      const before = times(5, (nth) => submit(nth, campaignId, `night-${round}`));
      await new Promise((resolve) => setTimeout(resolve, round * 4));
      world.clock.advance(1);
      const asking = [...before, ...times(5, (nth) => submit(nth, campaignId, `night-${round}`))];
      const codes = (await Promise.all(asking)).map(codeOf);
      expect(codes.filter((code) => !['done', 'submissions_of_day'].includes(code))).toEqual([]);
      const made = await byDay(campaignId);
      expect(made.filter((n) => n > 2)).toEqual([]);
      // Those of after midnight fill the new day, whatever came before.
      expect(made.at(-1)).toBe(2);
      expect(made.reduce((sum, n) => sum + n, 0)).toBe(codes.filter((code) => code === 'done').length); // prettier-ignore
    }
  }, 120_000);

  it('submissions beside a rejection and a move: neither makes room for another on that day', async () => {
    await world.begin();
    for (const round of rounds) {
      const [campaignId, other] = [await launched({ maxSubmissionsPerDay: 3 }), await launched()];
      const creatorId = `full-${round}`;
      const clips = [];
      for (const nth of [0, 1, 2]) clips.push((await submit(nth, campaignId, creatorId)).body.clipId); // prettier-ignore
      const [rejected, moved, ...more] = await Promise.all([
        insist(0, `/clips/${clips[0]}/reject`, { campaignId, reason: 'no hashtag' }),
        insist(1, `/clips/${clips[1]}/move`, { campaignId, to: other, reason: 'the wrong one' }),
        ...times(6, (nth) => submit(nth, campaignId, creatorId)),
      ]);
      expect([rejected, moved].map(codeOf)).toEqual(['done', 'done']);
      expect(more.map(codeOf)).toEqual(times(6, () => 'submissions_of_day'));
      expect(await byDay(campaignId)).toEqual([3]);
    }
  }, 120_000);

  it('one account proved by two creators at once: it is the account of one of them', async () => {
    await world.begin();
    for (const round of rounds) {
      const claims = await Promise.all(
        times(2, (nth) =>
          insist(nth, `/creators/owner-${round}-${nth}/accounts`, { platform: 'tiktok', handle: `@race.${round}` }),
        ),
      ); // prettier-ignore
      const answers = await Promise.all(
        times(6, (nth) => insist(nth, `/accounts/${claims[nth % 2]!.body.accountId}/confirm`)),
      );
      const proved = (await of('AccountVerified')).filter(({ data }) => data.handle === `race.${round}`); // prettier-ignore
      expect(proved).toHaveLength(1);
      const winner = proved[0]!.data.creatorId;
      for (const [nth, answer] of answers.entries())
        expect([nth, codeOf(answer)]).toEqual([nth, `owner-${round}-${nth % 2}` === winner ? 'done' : 'account_owned']); // prettier-ignore
    }
  }, 120_000);

  /** What the log says of a clip, decision by decision; a decision out of turn is a fault. */
  function faultsOf(events: readonly AnyEvent[], clipId: string): string[] {
    const faults: string[] = [];
    let [status, held] = ['PENDING', false];
    for (const { type, data, position } of events) {
      if (!('clipId' in data) || data.clipId !== clipId) continue;
      const wrong = (what: string) => faults.push(`${position}: ${type} of ${clipId} ${what}`);
      if (type === 'ClipApproved') {
        if (status !== 'PENDING') wrong(`while ${status}`);
        if (held) wrong('while on hold');
        status = 'APPROVED';
      } else if (type === 'ClipHeld') {
        if (held) wrong('while on hold');
        if (status === 'REJECTED') wrong('while REJECTED');
        held = true;
      } else if (type === 'ClipReleased') {
        if (!held) wrong('without a hold');
        held = false;
      } else if (type === 'ClipRejected') {
        if (status !== 'PENDING' && !held) wrong(`while ${status}`);
        [status, held] = ['REJECTED', false];
      }
    }
    return faults;
  }

  it('a bulk approval beside the deadline, a bulk rejection and a hold: each clip has one history that the rules allow', async () => {
    await world.begin();
    for (const round of rounds) {
      const campaignId = await launched({ reviewHours: 1 });
      const clips: string[] = [];
      for (const nth of times(6, (one) => one)) clips.push((await submit(nth, campaignId, `bulk-${round}`)).body.clipId); // prettier-ignore
      const all = (decision: object) => ({ reviews: clips.map((clipId) => ({ clipId, campaignId, ...decision })) }); // prettier-ignore
      world.clock.advance(HOUR_MS);
      const [approved, rejected] = await Promise.all([
        post(round, '/clips/reviews', all({ decision: 'approve' })),
        post(round + 1, '/clips/reviews', all({ decision: 'reject', reason: 'late' })),
        world.service.reviewer.review(),
        second.service.reviewer.review(),
        ...clips.slice(0, 3).map((clipId, nth) => post(nth, `/clips/${clipId}/hold`, { campaignId, reason: 'who' })),
      ]); // prettier-ignore
      await world.settled();
      const log = await world.logSince();
      expect(clips.flatMap((clipId) => faultsOf(log, clipId))).toEqual([]);
      const done = (type: AnyEvent['type'], by: string) =>
        log.filter(({ type: own, data }) => own === type && 'clipId' in data && clips.includes(data.clipId as string) && 'by' in data && data.by === by).length; // prettier-ignore
      // What the answers say was done, and nothing else, stands in the log.
      const counted = (answer: ApiAnswer) => answer.body.reviews.filter((one: { done: boolean }) => one.done).length; // prettier-ignore
      expect([counted(approved), counted(rejected)]).toEqual([done('ClipApproved', 'root'), done('ClipRejected', 'root')]); // prettier-ignore
      for (const clipId of clips) {
        const { status, hold } = (await world.get(`/clips/${clipId}`)).body.campaigns[0];
        const last = log.findLast(({ type, data }) => /^Clip(Approved|Rejected)$/.test(type) && 'clipId' in data && data.clipId === clipId); // prettier-ignore
        expect([clipId, status]).toEqual([clipId, last?.type.slice(4).toUpperCase() ?? 'PENDING']);
        expect(status === 'PENDING').toBe(status === 'PENDING' && hold !== null);
      }
    }
  }, 240_000);

  it('one objection made twice at once, and answered twice with other words: each once', async () => {
    await world.begin();
    for (const round of rounds) {
      const campaignId = await launched({ reviewHours: null });
      const { clipId } = (await submit(round, campaignId, `appeals-${round}`)).body;
      await world.post(`/clips/${clipId}/hold`, { reason: 'who is this' });
      const made = await Promise.all(times(4, (nth) => insist(nth, `/clips/${clipId}/appeal`, { text: `text ${nth}` }))); // prettier-ignore
      expect(made.map(codeOf).toSorted()).toEqual(['appeal_exists', 'appeal_exists', 'appeal_exists', 'done']); // prettier-ignore
      const answered = await Promise.all(times(4, (nth) => insist(nth, `/clips/${clipId}/appeal/answer`, { granted: nth < 2, reason: `answer ${nth}` }))); // prettier-ignore
      expect(answered.map(codeOf).toSorted()).toEqual(['done', 'no_appeal', 'no_appeal', 'no_appeal']); // prettier-ignore
      const own = (await world.logSince()).filter(({ data }) => 'clipId' in data && data.clipId === clipId); // prettier-ignore
      const [appeal] = (await of('ClipAppealed')).filter(({ data }) => data.clipId === clipId);
      const answers = (await of('ClipAppealAnswered')).filter(({ data }) => data.clipId === clipId);
      expect([own.filter(({ type }) => type === 'ClipAppealed').length, answers.length]).toEqual([1, 1]); // prettier-ignore
      const shown = (await world.get(`/clips/${clipId}`)).body.campaigns[0];
      expect(shown.appeal).toMatchObject({ text: appeal!.data.text, answer: { reason: answers[0]!.data.reason } }); // prettier-ignore
      expect(shown.hold === null).toBe(answers[0]!.data.granted);
    }
  }, 120_000);

  it('the end of a campaign beside a settlement and a release: what was called closed does not change any more', async () => {
    const parts: Part[] = await world.cast(rounds.map((round) => `closing-${round}`), { budget: 7_000 }, { apart: true }); // prettier-ignore
    await world.begin();
    for (const [nth, part] of parts.entries()) {
      const { campaignId, clipId } = part;
      expect(codeOf(await world.hold(part))).toBe('done');
      await world.observe(clipId, 60_000);
      await world.settled();
      const closeOut = async () => (await world.get(`/campaigns/${campaignId}/close-out`)).body;
      expect(await closeOut()).toMatchObject({ closed: false, waiting: { end: true, held: 1 } });
      const closed: number[] = [];
      const over = new AbortController();
      const reading = (async () => {
        while (!over.signal.aborted) {
          const { closed: now, remaining } = await closeOut();
          if (now) closed.push(remaining);
        }
      })();
      await Promise.all([
        insist(nth, `/campaigns/${campaignId}/end`, { reason: 'over' }),
        insist(nth + 1, `/clips/${clipId}/release`, { campaignId }),
        world.service.settler.settleAll(),
        second.service.settler.settleAll(),
      ]);
      await world.settled();
      await world.service.settler.settleAll();
      await world.settled();
      over.abort();
      await reading;
      expect(await closeOut()).toMatchObject({ closed: true, spent: 6_000, remaining: 1_000 });
      expect([nth, closed.filter((remaining) => remaining !== 1_000)]).toEqual([nth, []]);
    }
    for (const kind of ['overspent', 'accrued while held', 'decided at', 'sums'] as const)
      expect(await world.faults(kind)).toEqual([]);
  }, 120_000);
});
