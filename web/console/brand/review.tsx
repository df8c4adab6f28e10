import type { ScreenProps } from '../app/screen.js';
import { Queue } from './queue.js';

export default function Review({ query }: ScreenProps) {
  return (
    <Queue
      title="Review"
      query={{ status: 'pending', sort: 'oldest' }}
      holds={({ status, hold, retired }) => status === 'PENDING' && !hold && !retired}
      good={{ decision: { kind: 'approve' }, word: 'Approve' }}
      mayHold
      empty={{
        title: 'Nothing waits for review',
        words: 'New clips arrive here as creators submit them, the oldest first.',
      }}
      campaignId={query['campaign']}
    />
  );
}
