import { useEffect } from 'preact/hooks';
import { money } from '../../ui/money.js';
import { Blank, Loading } from '../../ui/states.js';
import { When } from '../../ui/when.js';
import { Button } from '../../ui/controls.js';
import { usePages } from '../app/data.js';
import { Card, Page } from '../app/page.js';
import type { ScreenProps } from '../app/screen.js';
import { Explanation } from './explanation.js';
import { isParty, statementRoute, type Line, type Party } from './line.js';
import { What } from './statement.js';

/** Where one amount comes from: its line, and all that the line rests on. */
export default function WhyScreen({ params, query }: ScreenProps) {
  const { of = '', id = '', event = '' } = params;
  const wanted = (line: Line) =>
    line.eventId === event &&
    (!query['clip'] || line.clipId === query['clip']) &&
    (!query['kind'] || line.kind === query['kind']);
  return (
    <Page title="Why this amount">
      {isParty(of) ? <Found of={of} id={id} wanted={wanted} /> : <NotThere />}
    </Page>
  );
}

const NotThere = () => (
  <Card>
    <Blank title="There is no such line">
      <p>It may be another person's, or the address is cut off.</p>
    </Blank>
  </Card>
);

interface FoundProps {
  of: Party;
  id: string;
  wanted: (line: Line) => boolean;
}

function Found({ of, id, wanted }: FoundProps) {
  const lines = usePages(statementRoute(of), { id, query: { limit: 200 } });
  const line = lines.items?.find(wanted);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = lines;
  const searching = !line && hasNextPage;
  useEffect(() => {
    if (searching && !isFetchingNextPage) void fetchNextPage();
  }, [searching, isFetchingNextPage]);
  if (line) return <Explained line={line} of={of} id={id} />;
  if (lines.error)
    return (
      <Card>
        <Blank title="This could not be read">
          <p>{lines.error.message}</p>
          <Button onClick={() => void lines.refetch()}>Try again</Button>
        </Blank>
      </Card>
    );
  return lines.isPending || searching ? <Loading lines={8} /> : <NotThere />;
}

function Explained({ line, of, id }: { line: Line; of: Party; id: string }) {
  const { amount, currency, at } = line;
  return (
    <>
      <Card>
        <div class="why-head">
          <strong class={amount < 0 ? 'bad' : undefined}>{money(amount, currency)}</strong>
          <What line={line} of={of} />
          <span class="muted">
            <When at={at} as="minute" />, a line in{' '}
            <a href={`/console/statement/${of}/${id}`}>the statement of {id}</a>
          </span>
        </div>
      </Card>
      <Explanation line={line} />
    </>
  );
}
