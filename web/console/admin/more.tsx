import { Icon } from '../../ui/icon.js';
import { useStore } from '../../ui/store.js';
import { addresses, bringToken } from '../app/config.js';
import { Card, Page } from '../app/page.js';

const SCREENS: readonly (readonly [string, string, string, string])[] = [
  ['/brands', 'campaigns', 'Brands', 'What each has paid in, and its campaigns'],
  ['/budget', 'campaigns', 'Scrape budget', 'What scraping has cost, and what remains'],
  ['/links', 'link', 'Short links', 'Links that wait for a person'],
  ['/accounts', 'shield', 'Accounts', 'Claims of creators that wait for your word'],
  ['/webhooks', 'bell', 'Webhooks', 'Who gets which notices, and the outcome of each'],
  ['/year', 'list', 'A year', 'What creators were paid, for tax reports'],
  ['/people', 'person', 'People and tokens', 'What each role may do, and how tokens are made'],
];
const CHAOS = [
  '/chaos',
  'chaos',
  'Chaos',
  'Disturb this sample world, and see what is lost',
] as const;

/** What a narrow menu has no room for. */
export default function More() {
  const { sampleWorld, livePage } = useStore(addresses);
  const screens = sampleWorld === null ? SCREENS : [...SCREENS, CHAOS];
  return (
    <Page title="More">
      <Card>
        <ul class="more-list">
          {screens.map(([path, icon, title, words]) => (
            <li key={path}>
              <a href={`/console${path}`}>
                <Icon name={icon} />
                <span class="two-lines">
                  {title}
                  <small class="muted">{words}</small>
                </span>
              </a>
            </li>
          ))}
          {livePage && (
            <li>
              <a href={livePage} target="_blank" rel="noopener" onClick={bringToken}>
                <Icon name="out_page" />
                <span class="two-lines">
                  Live page
                  <small class="muted">The monitor: runs, costs, sources, batches, failures</small>
                </span>
              </a>
            </li>
          )}
        </ul>
      </Card>
    </Page>
  );
}
