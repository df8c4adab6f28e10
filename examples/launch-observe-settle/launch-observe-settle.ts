/**
 * From launch to statement over the HTTP API: a brand launches a campaign, a creator submits a
 * clip, the brand approves it. The services scrape its views and settle them by themselves.
 */
import { setTimeout as pause } from 'node:timers/promises';

const api = process.env['CLIPTALLY_API'] ?? 'http://127.0.0.1:8081';
const [brand, creator] = [process.env['BRAND_TOKEN']!, process.env['CREATOR_TOKEN']!];

interface Answer {
  campaignId: string;
  clipId: string;
  remaining: number;
  campaigns: [{ creatorId: string }];
  lines: {
    kind: string;
    campaignId: string;
    fromViews: number;
    toViews: number;
    rate: number;
    amount: number;
    sum: number;
  }[];
  code: string;
  detail: string;
}

async function ask(token: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${api}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      // A request that is sent again with its key does nothing more.
      ...(body ? { 'idempotency-key': crypto.randomUUID() } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = (await response.json()) as Answer;
  if (!response.ok) throw new Error(`${path}: ${answer.code}: ${answer.detail}`);
  return answer;
}

// Money is in minor units: 1,500.00 USD, and 3.00 USD for a thousand views on YouTube.
const { campaignId } = await ask(brand, '/campaigns', {
  name: 'Spring drop',
  currency: 'USD',
  budget: 150_000,
  ratePerThousand: { default: 200, youtube: 300 },
  startsAt: new Date(Date.now() - 86_400_000).toISOString(),
});
console.log('launched');

const clip = { url: 'https://youtu.be/dQw4w9WgXcQ?si=share', campaignId };
const { clipId, campaigns } = await ask(creator, '/clips', clip);
const { creatorId } = campaigns[0];
console.log(`submitted ${clipId} by ${creatorId}`);

await ask(brand, `/clips/${clipId}/approve`, { campaignId });
console.log('approved');

// The next tracking run scrapes it, and what its views have earned is settled.
const statement = async () =>
  (await ask(creator, `/clips/${clipId}/statement?limit=200`)).lines.filter(
    (line) => line.campaignId === campaignId,
  );
let lines = await statement();
for (; lines.length === 0; lines = await statement()) await pause(250);

for (const { kind, fromViews, toViews, rate, amount } of lines)
  console.log(`${kind}: ${fromViews} to ${toViews} views at ${rate}: ${amount}`);
const { remaining } = await ask(brand, `/campaigns/${campaignId}`);
console.log(`remaining: ${remaining}`);
