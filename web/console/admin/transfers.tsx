import { useState } from 'preact/hooks';
import { Button, Field, Notice } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { plural } from '../../ui/format.js';
import { ApiFailure } from '../app/api.js';
import { usePost } from '../app/data.js';
import type { Answer } from '../app/routes.js';

type Outcome = Answer<'POST /payouts/transfers.csv'>;

/** The list of transfers comes back from the bank: first it is tried, then it is recorded. */
export function TransfersDialog({ onClose }: { onClose: () => void }) {
  const send = usePost('POST /payouts/transfers.csv');
  const [file, setFile] = useState<File | null>(null);
  const [tried, setTried] = useState<Outcome | null>(null);
  const [key, setKey] = useState('');
  const [done, setDone] = useState(false);

  function choose(next: File | null) {
    setFile(next);
    setTried(null);
    setKey(crypto.randomUUID());
    send.reset();
    if (next)
      send.mutate({ file: next, query: { dryRun: true } }, { onSuccess: (plan) => setTried(plan) });
  }
  const record = () =>
    send.mutate(
      { file: file!, key },
      { onSuccess: (outcome) => (setTried(outcome), setDone(true)) },
    );
  const nothing = tried !== null && tried.paid + tried.failed === 0;
  return (
    <Dialog title="Send the list of transfers back" onClose={send.isPending ? null : onClose}>
      <p>
        Fill in <code>reference</code> in each row that you have paid, or <code>error</code> if it
        did not arrive. Rows without either stay as they are.
      </p>
      {!done && (
        <Field label="The file" hint="CSV, with the columns payout_id and reference.">
          {(props) => (
            <input
              {...props}
              type="file"
              accept=".csv,text/csv"
              disabled={send.isPending}
              onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)}
            />
          )}
        </Field>
      )}
      {send.error && <Refused error={send.error} />}
      {tried && <Notice kind={done ? 'good' : 'info'}>{wordsOf(tried, done)}</Notice>}
      <div class="row">
        {done ? (
          <Button primary onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button
              primary
              busy={send.isPending}
              disabled={tried === null || nothing || file === null}
              onClick={record}
            >
              Record it
            </Button>
            <Button disabled={send.isPending} onClick={onClose}>
              Cancel
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}

function wordsOf({ paid, failed, unchanged }: Outcome, done: boolean): string {
  if (paid + failed === 0) return 'No row of the file says anything new.';
  const some = [
    ...(paid > 0 ? [`${plural(paid, 'payout')} paid`] : []),
    ...(failed > 0 ? [`${plural(failed, 'payout')} failed`] : []),
    ...(unchanged > 0 ? [`${plural(unchanged, 'row')} known already`] : []),
  ].join(', ');
  return done ? `Recorded: ${some}.` : `The file says: ${some}. Nothing is recorded yet.`;
}

/** What is wrong with which row; none of the file was recorded. */
function Refused({ error }: { error: Error }) {
  const rows = error instanceof ApiFailure ? error.errors : [];
  return (
    <Notice kind="bad">
      <p>
        {rows.length > 1 ? `Nothing was recorded: ${rows.length} rows are wrong.` : error.message}
      </p>
      {rows.length > 1 && (
        <ul class="follows">
          {rows.map(({ field, message }) => (
            <li key={field}>{message}</li>
          ))}
        </ul>
      )}
      <p>Correct the file and choose it again.</p>
    </Notice>
  );
}
