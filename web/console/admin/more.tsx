import { Icon } from '../../ui/icon.js';
import { Card, Page } from '../app/page.js';

const SCREENS = [
  ['/links', 'link', 'Short links', 'Links that wait for a person'],
  ['/webhooks', 'bell', 'Webhooks', 'Who gets which notices, and the outcome of each'],
  ['/year', 'list', 'A year', 'What creators were paid, for tax reports'],
  ['/people', 'person', 'People and tokens', 'What each role may do, and how tokens are made'],
] as const;

/** What a narrow menu has no room for. */
export default function More() {
  return (
    <Page title="More">
      <Card>
        <ul class="more-list">
          {SCREENS.map(([path, icon, title, words]) => (
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
        </ul>
      </Card>
    </Page>
  );
}
