import { render } from 'preact';
import { day, instant, number, time } from './format.js';
import { Failures } from './failures.js';
import { Campaigns, Clips, Newest } from './lists.js';
import { Now, useWorld, type World } from './live.js';
import { CostCard, HoursCard, Runs, Scrapes, Tiles, Verdict } from './state.js';

function Page() {
  const world = useWorld();
  return (
    <Now.Provider value={world.now}>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <Top world={world} />
      <main id="main" tabIndex={-1}>
        <Figures world={world} />
      </main>
    </Now.Provider>
  );
}

function Top({ world: { told, connected, now } }: { world: World }) {
  const { clock } = told;
  return (
    <header class="top">
      <span class="brand">
        <img src="icon.svg" alt="" width="24" height="24" />
        Cliptally
      </span>
      <nav aria-label="Sections">
        {['campaigns', 'clips', 'failures', 'newest'].map((id) => (
          <a href={`#${id}`} key={id}>
            {id}
          </a>
        ))}
      </nav>
      <span class="clock">
        {clock && clock.speed !== 1 && <span class="chip">×{number(clock.speed)}</span>}
        {clock && <time class="hide-s">{instant(now)}</time>}
        {clock && (
          <time class="only-s">
            {day(now)}, {time(now)} UTC
          </time>
        )}
        <span class={`link ${connected ? 'on' : 'off'}`}>
          {connected ? 'live' : clock ? 'reconnecting' : 'connecting'}
        </span>
      </span>
    </header>
  );
}

function Figures({ world: { told } }: { world: World }) {
  const { clock, state, cost, campaigns, clips, failures, newest } = told;
  if (!state || !cost || !campaigns || !clips || !failures || !newest)
    return (
      <div class="starting" role="status">
        {clock && !clock.ready ? (
          <>
            <p>Reading the log, {number(clock.position)} of {number(clock.head)}. Figures follow as soon as all of it is known.</p>
            <progress value={clock.position} max={clock.head || 1} />
          </>
        ) : (
          <p>Waiting for the monitor…</p>
        )}
      </div>
    ); // prettier-ignore
  return (
    <>
      <div class="summary">
        <Verdict state={state} />
        <Tiles state={state} cost={cost} />
      </div>
      <div class="two">
        <HoursCard hours={state.hours} />
        <CostCard cost={cost} />
      </div>
      <div class="columns">
        <div>
          <Clips clips={clips} />
          <Runs runs={state.runs} />
        </div>
        <div>
          <Campaigns campaigns={campaigns} />
          <Failures failures={failures} />
          <Scrapes scrapes={state.scrapes} />
          <Newest newest={newest} />
        </div>
      </div>
    </>
  );
}

render(<Page />, document.getElementById('app')!);
