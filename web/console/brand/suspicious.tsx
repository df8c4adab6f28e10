import type { ScreenProps } from '../app/screen.js';
import { Queue } from './queue.js';

export default function Suspicious({ query }: ScreenProps) {
  return (
    <Queue
      title="Suspicious clips"
      query={{ status: 'held', sort: 'oldest' }}
      holds={({ hold }) => hold !== null}
      good={{ decision: { kind: 'release' }, word: 'Release' }}
      mayHold={false}
      empty={{
        title: 'No clip is on hold',
        words:
          'Clips with odd figures are held before they are paid, and come here with the reasons. So do those that you hold.',
      }}
      campaignId={query['campaign']}
    />
  );
}
