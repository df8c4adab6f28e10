import { Card } from '../app/page.js';
import { useGet } from '../app/data.js';
import { useSubject } from '../app/session.js';
import { money } from '../../ui/money.js';

/** What the brand has paid in, and what is left of it; nothing where that is no rule. */
export function Funding() {
  const id = useSubject();
  const { data } = useGet('GET /brands/{id}/funding', { id });
  if (!data?.prefunding) return null;
  return (
    <Card title="Paid in">
      {data.currencies.length === 0 ? (
        <p>
          Nothing has arrived yet. Campaigns are launched up to what you have paid in: ask who runs
          this installation where to pay.
        </p>
      ) : (
        <ul class="follows">
          {data.currencies.map(({ currency, funded, refunded, left }) => (
            <li key={currency}>
              <strong class={left < 0 ? 'bad' : undefined}>{money(left, currency)}</strong> left for
              campaigns, of {money(funded, currency)} paid in
              {refunded > 0 && `; ${money(refunded, currency)} more went back to you`}
              {left < 0 && '. Your campaigns go on; pay in what is missing to launch another'}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
