import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import { useEffect, useState } from 'preact/hooks';
import { Field, Notice } from '../../ui/controls.js';
import { number, short, platformName } from '../../ui/format.js';
import { money } from '../../ui/money.js';
import { When } from '../../ui/when.js';
import { post } from '../app/api.js';
import type { Answer } from '../app/routes.js';
import { Sentence } from '../creator/parts.js';
import { draftOf, type LaunchValues } from './launch-terms.js';

type Answered = Answer<'POST /campaigns/preview'>;

/** What the terms would mean, asked of the API while somebody types; nothing is launched. */
export function Preview({ values }: { values: LaunchValues }) {
  const [perDay, setPerDay] = useState('100000');
  const views = /^\d{1,12}$/.test(perDay.trim()) ? Number(perDay) : 0;
  const draft = draftOf(useSettled(values));
  const body = 'body' in draft ? { ...draft.body, ...(views > 0 && { viewsPerDay: views }) } : null;
  const preview = useQuery({
    queryKey: ['POST /campaigns/preview', body],
    queryFn: ({ signal }) => post('POST /campaigns/preview', { body: body!, signal }),
    enabled: body !== null,
    refetchInterval: false,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  if (!body)
    return (
      <p class="muted">
        Give it a name, a budget and a rate. What they promise is then said here, before anything is
        launched.
      </p>
    );
  if (preview.error) return <Notice kind="warn">{preview.error.message}</Notice>;
  if (!preview.data) return <p class="muted">It is being computed…</p>;
  const { faults, sentences, pays } = preview.data;
  if (faults.length > 0)
    return (
      <Notice kind="warn">
        <p>It would be refused:</p>
        <ul class="follows">
          {faults.map(({ field, message }) => (
            <li key={field}>{message}</li>
          ))}
        </ul>
      </Notice>
    );
  return (
    <div class="stack">
      <Worth of={preview.data} budget={body.budget ?? 0} currency={values.currency} />
      <Field label="If all clips together get so many views a day">
        {(props) => (
          <input
            {...props}
            inputMode="numeric"
            autocomplete="off"
            value={perDay}
            onInput={(event) => setPerDay(event.currentTarget.value)}
          />
        )}
      </Field>
      <Pays pays={pays} currency={values.currency} />
      <ul class="follows">
        {sentences.map((sentence) => (
          <li key={sentence}>
            <Sentence text={sentence} />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface WorthProps {
  of: Answered;
  budget: number;
  currency: string;
}

const Worth = ({ of: { viewsInBudget, expectedEnd }, budget, currency }: WorthProps) => (
  <p>
    {viewsInBudget !== null && (
      <>
        <strong>{money(budget, currency)}</strong> buy about{' '}
        <strong>{short(viewsInBudget)} views</strong> at the standard rate.{' '}
      </>
    )}
    {expectedEnd && (
      <>
        At the pace below, it is over <When at={expectedEnd.at} as="day" />,{' '}
        {expectedEnd.by === 'date' ? 'by its date' : 'when the budget is used up'}.
      </>
    )}
  </p>
);

const LIMITS = {
  min_views: 'too few views',
  cap: 'the most for a clip',
  budget: 'the whole budget',
} as const;

/** What one clip is paid for so many views, for each rate. */
function Pays({ pays, currency }: { pays: Answered['pays']; currency: string }) {
  const groups = [...Map.groupBy(pays, ({ rate }) => rate).values()];
  return (
    <table class="pays">
      <caption class="hidden">What one clip is paid</caption>
      <thead>
        <tr>
          <th scope="col">Views of a clip</th>
          {groups.map((own) => (
            <th scope="col" class="n" key={own[0]!.rate}>
              {groups.length === 1 ? 'are paid' : own[0]!.platforms.map(platformName).join(', ')}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {groups[0]?.map(({ views }, row) => (
          <tr key={views}>
            <th scope="row">{number(views)}</th>
            {groups.map((own) => {
              const { amount, limitedBy, rate } = own[row]!;
              return (
                <td class="n" key={rate}>
                  {money(amount, currency)}
                  {limitedBy && <small class="muted line">{LIMITS[limitedBy]}</small>}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The value once nobody has changed it for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 400);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
