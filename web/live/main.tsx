import { render } from 'preact';
import { day, instant, number, time } from '../ui/format.js';
import { useStore } from '../ui/store.js';
import { Attention } from './attention.js';
import { Batches } from './batches.js';
import { Campaigns } from './campaigns.js';
import { Clips } from './clips.js';
import { CostCard } from './cost.js';
import { Failures } from './failures.js';
import { HoursCard } from './hours.js';
import { Now, useLive, type Live } from './live.js';
import { Newest } from './newest.js';
import { Runs } from './runs.js';
import { SignIn } from './sign-in.js';
import { Tiles, Verdict } from './status.js';
import { refused } from './token.js';

function Page() {
  const live = useLive();
  const reason = useStore(refused);
  return (
    <Now.Provider value={live.now}>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <Top live={live} />
      <main id="main" tabIndex={-1}>
        {reason === null ? <Figures live={live} /> : <SignIn reason={reason} />}
      </main>
    </Now.Provider>
  );
}

function Top({ live: { sections, connected, now } }: { live: Live }) {
  const { clock } = sections;
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
        {clock && clock.speed !== 1 && (
          <span class="chip" title={`The clock runs ${number(clock.speed)} times as fast as life`}>
            ×{number(clock.speed)}
          </span>
        )}
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

function Figures({ live: { sections } }: { live: Live }) {
  const { clock, attention, state, cost, campaigns, clips, failures, newest } = sections;
  if (!attention || !state || !cost || !campaigns || !clips || !failures || !newest)
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
      <Attention attention={attention} />
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
          <Batches times={state.scrapes} />
          <Newest newest={newest} />
        </div>
      </div>
    </>
  );
}

render(<Page />, document.getElementById('app')!);
