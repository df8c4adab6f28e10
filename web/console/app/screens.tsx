import type { AnyComponent, ComponentChildren } from 'preact';
import { Route, Router, lazy, useLocation } from 'preact-iso';
import { useEffect, useErrorBoundary, useMemo, useState } from 'preact/hooks';
import { Button } from '../../ui/controls.js';
import { Blank } from '../../ui/states.js';
import { client } from './data.js';
import { Page } from './page.js';
import { arrived } from './scroll.js';
import type { Screen, ScreenProps } from './screen.js';

/** The screen that the address names. */
export function Routes({ screens }: { screens: readonly Screen[] }) {
  const routes = useMemo(
    () => screens.map(({ path, load }) => ({ path, component: lazyScreen(load) })),
    [screens],
  );
  // The first screen is what `/console` itself shows.
  const home = routes[0]!.component;
  return (
    <Guarded>
      <Router onRouteChange={arrived}>
        {routes.map(({ path, component }) => (
          <Route key={path} path={`/console${path}`} component={component} />
        ))}
        <Route path="/console" component={home} />
        <Route default component={NotHere} />
      </Router>
    </Guarded>
  );
}

type Load = Screen['load'];

/** Its file may not come: there is no network, or a newer version has other files. */
const lazyScreen = (load: Load) =>
  lazy(() =>
    load().catch((error: Error) => ({
      default: (props: ScreenProps) => <NotLoaded again={anew(load, error)} {...props} />,
    })),
  );

/** A browser remembers that a file did not arrive: it is asked for by another address. */
const anew =
  (load: Load, { message }: Error): Load =>
  () => {
    const [file] = /https?:\S+\.js/.exec(message) ?? [];
    return file ? (import(`${file}?at=${Date.now()}`) as ReturnType<Load>) : load();
  };

function NotLoaded({ again: load, ...props }: ScreenProps & { again: Load }) {
  const [Found, setFound] = useState<AnyComponent<ScreenProps> | null>(null);
  const [busy, setBusy] = useState(false);
  if (Found) return <Found {...props} />;
  const again = () => {
    setBusy(true);
    load().then(
      (screen) => setFound(() => screen.default),
      () => setBusy(false),
    );
  };
  return (
    <Page title="This screen could not be loaded">
      <Blank title="Its file did not arrive">
        <p>
          There is no network, or a newer version of the console is installed. If trying again does
          not help, load the page anew.
        </p>
        <div class="row">
          <Button primary busy={busy} onClick={again}>
            Try again
          </Button>
          <Button onClick={() => location.reload()}>Load the page anew</Button>
        </div>
      </Blank>
    </Page>
  );
}

/** A screen that fails takes nothing else with it: the menu is there still. */
function Guarded({ children }: { children: ComponentChildren }) {
  const { url } = useLocation();
  const [error, reset] = useErrorBoundary() as [Error | undefined, () => void];
  useEffect(() => {
    if (error) reset();
  }, [url]);
  if (!error) return <>{children}</>;
  return (
    <Page title="This screen has a fault">
      <Blank title="It cannot be shown">
        <p>What was sent before is not lost. The browser says: {error.message}</p>
        <div class="row">
          <Button
            primary
            onClick={() => {
              client.clear();
              reset();
            }}
          >
            Try again
          </Button>
          <a class="button" href="/console/">
            Go to the first screen
          </a>
        </div>
      </Blank>
    </Page>
  );
}

const NotHere = () => (
  <Page title="There is no such screen">
    <p>
      <a href="/console/">Go to the first one</a>
    </p>
  </Page>
);
