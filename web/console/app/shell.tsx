import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useIsFetching } from '@tanstack/preact-query';
import { Icon } from '../../ui/icon.js';
import { announced, useKeptFocus } from './announce.js';
import { connection, type ConnectionState } from './connection.js';
import type { Screen } from './screen.js';
import { signOut, type Session } from './session.js';
import { useStore } from '../../ui/store.js';

const ROLE_NAMES = { creator: 'Creator', brand: 'Brand', admin: 'Admin' } as const;

interface ShellProps {
  session: Session;
  screens: readonly Screen[];
  children: ComponentChildren;
}

export function Shell({ session: { role, subject }, screens, children }: ShellProps) {
  useKeptFocus();
  return (
    <div class={`shell ${role}`}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="side">
        <a class="brand" href="/console/">
          <img src="/console/icon.svg" alt="" width="26" height="26" />
          <span>Cliptally</span>
        </a>
        <Menu screens={screens} />
        <div class="who">
          <span>
            <span class="who-name">{subject}</span>
            <span class="muted">{ROLE_NAMES[role]}</span>
          </span>
          <button type="button" class="icon-button" onClick={signOut} aria-label="Sign out">
            <Icon name="out" />
          </button>
        </div>
      </header>
      <Line />
      <Said />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Menu({ screens }: { screens: readonly Screen[] }) {
  const { path } = useLocation();
  return (
    <nav aria-label="Screens">
      {screens.flatMap(({ path: own, menu }, index) => {
        if (!menu) return [];
        const href = `/console${own}`;
        const home = index === 0 && /^\/console\/?$/.test(path);
        const here = home || path === href || path.startsWith(`${href}/`);
        return [
          <a
            key={own}
            class={menu.on && `only-${menu.on}`}
            href={href}
            aria-current={here ? 'page' : undefined}
          >
            <Icon name={menu.icon} />
            <span>{menu.label}</span>
          </a>,
        ];
      })}
    </nav>
  );
}

function Said() {
  const { words, nth } = useStore(announced);
  return (
    <p class="hidden" role="status">
      <span key={nth}>{words}</span>
    </p>
  );
}

const WORDS: Record<Exclude<ConnectionState, 'ok'>, string> = {
  slow: 'The server is slow to answer. You can go on; figures may be a little old.',
  busy: 'The server asks this page to wait a moment. It goes on by itself.',
  failing:
    'The server has a fault. This page tries again by itself; what you have typed stays here.',
  down: 'The server does not answer. This page tries again by itself; what you see may be old.',
  offline: 'You are offline. What you see may be old, and nothing can be sent just now.',
};

/** The one place that says how the connection is. */
function Line() {
  const state = useStore(connection);
  const busy = useIsFetching({ predicate: ({ meta }) => !meta?.['quiet'] }) > 0;
  return (
    <div class="line-slot" role="status" aria-live="polite">
      {state === 'ok' ? null : (
        <p class={`connection ${state}`}>
          <Icon name={state === 'offline' ? 'offline' : 'warning'} />
          {WORDS[state]}
        </p>
      )}
      <span class={busy ? 'progress on' : 'progress'} aria-hidden="true" />
    </div>
  );
}
