import { plural } from '../../ui/format.js';
import { WEBHOOK_GROUPS } from './webhook-types.js';

/** Of another form than a mailbox, an address has to be one of the Internet. */
export const isAddress = (form: string, url: string): boolean =>
  url.startsWith(form === 'email' ? 'mailto:' : 'https://');
export const WRONG_ADDRESS = 'An address that begins with https://, or with mailto: for a mailbox.';

interface TypesProps {
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
  /** What it means that none is chosen. */
  none: string;
}

/** What an endpoint is sent. */
export const Types = ({ chosen, onChange, none }: TypesProps) => (
  <details>
    <summary>{chosen.size === 0 ? none : `Gets ${plural(chosen.size, 'type')}`}: choose</summary>
    {WEBHOOK_GROUPS.map(([group, names]) => (
      <fieldset key={group}>
        <legend>{group}</legend>
        {names.map((name) => (
          <label key={name} class="check">
            <input
              type="checkbox"
              checked={chosen.has(name)}
              onChange={({ currentTarget: { checked } }) => {
                const one = new Set([name as string]);
                onChange(checked ? chosen.union(one) : chosen.difference(one));
              }}
            />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
    ))}
  </details>
);
