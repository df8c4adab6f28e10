import { ManualClock } from '@cliptally/contracts';
import type { Asked } from '../testing/http-api.js';
import { describeSource } from '../testing/source-contract.js';
import { XApi } from './x-api.js';
import { YouTubeDataApi } from './youtube-data-api.js';

const idsIn = ({ url }: Asked, name: string) => [
  ...new Set(url.searchParams.get(name)!.split(',')),
];

describeSource({
  name: 'the YouTube Data API',
  platform: 'youtube',
  open: ({ url, secret }) => new YouTubeDataApi({ apiKey: secret, baseUrl: url }),
  answer: (asked, viewsOf) => ({
    items: idsIn(asked, 'id').flatMap((id) =>
      viewsOf(id) === null ? [] : [{ id, statistics: { viewCount: String(viewsOf(id)) } }],
    ),
  }),
});

describeSource({
  name: 'the X API',
  platform: 'x',
  open: ({ url, secret, firstReads }) =>
    new XApi({
      token: secret,
      clock: new ManualClock('2026-05-10T00:00:00Z'),
      firstReads,
      baseUrl: url,
    }),
  answer: (asked, viewsOf) => {
    const ids = idsIn(asked, 'ids');
    const gone = ids.filter((id) => viewsOf(id) === null);
    return {
      data: ids
        .filter((id) => !gone.includes(id))
        .map((id) => ({ id, public_metrics: { impression_count: viewsOf(id) } })),
      errors: gone.map((id) => ({
        resource_id: id,
        type: 'https://api.twitter.com/2/problems/resource-not-found',
      })),
    };
  },
});
