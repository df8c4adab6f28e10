/** Style of the page of the API; light or dark as the reader's machine is. */
export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 16%, transparent); --soft: color-mix(in srgb, currentColor 62%, transparent);
  --tint: color-mix(in srgb, currentColor 5%, transparent); --get: light-dark(#0a6cb0, #6cb8f0); --post: light-dark(#16794c, #5fd39a); --no: light-dark(#b3261e, #ff9a8f);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; font: 15px/1.55 system-ui, sans-serif; background: light-dark(#fff, #14161a); color: light-dark(#1b1e23, #e4e7ec); display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
a { color: inherit; text-decoration: none; } a:hover { text-decoration: underline; } p a, dd a { color: var(--get); }
:focus-visible { outline: 2px solid var(--get); outline-offset: 2px; border-radius: 3px; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.25rem 1rem 3rem 1.5rem; border-right: 1px solid var(--line); font-size: .82rem; }
nav .home { font-weight: 650; font-size: 1rem; } nav h2 { font-size: .78rem; margin: 1.2rem 0 .3rem; color: var(--soft); }
nav ul { list-style: none; margin: 0; padding: 0; } nav li a { display: flex; gap: .5rem; padding: .14rem 0; font-family: var(--mono); font-size: .74rem; overflow-wrap: anywhere; }
nav .verb { flex: none; width: 2.9rem; }
.verb { font: 650 .74rem/1.6 var(--mono); color: var(--get); } .post, .put, .patch { color: var(--post); } .delete { color: var(--no); }
main { padding: 2rem clamp(1rem, 3vw, 3rem) 6rem; max-width: 84rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; } section > h2 { font-size: 1.3rem; margin: 3.5rem 0 0; }
h3 { margin: 0; font-size: 1.02rem; font-weight: 600; } h3 .verb { font-size: .85rem; margin-right: .35rem; } h4 { margin: 1rem 0 .35rem; font-size: .82rem; color: var(--soft); }
header dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1.1rem 2rem; margin: 1.5rem 0; } dt { font-weight: 620; } dd { margin: .1rem 0 0; color: var(--soft); } dd b, dd code { color: light-dark(#1b1e23, #e4e7ec); }
article { border-top: 1px solid var(--line); padding: 1.6rem 0; margin-top: 1rem; } article:target h3 { background: color-mix(in srgb, var(--get) 14%, transparent); border-radius: 4px; }
article > p { margin: .3rem 0 0; } .roles span { font-size: .76rem; border: 1px solid var(--line); border-radius: 99px; padding: .05rem .5rem; color: var(--soft); white-space: nowrap; }
.two { display: grid; grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr); gap: 0 2rem; align-items: start; }
code, pre { font-family: var(--mono); font-size: .84em; } pre { margin: .3rem 0; padding: .75rem .9rem; background: var(--tint); border-radius: 6px; overflow: auto; max-height: 26rem; font-size: .78rem; line-height: 1.5; }
pre b { font-weight: 500; color: light-dark(#6b3fa0, #c9a6f5); } pre s { text-decoration: none; color: var(--post); } pre i { font-style: normal; color: var(--get); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .86rem; } th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
tr:last-child > * { border-bottom: 0; } th { white-space: nowrap; } th em { color: var(--no); font-style: normal; margin-left: .15rem; } td:nth-child(2) { color: var(--soft); min-width: 7rem; max-width: 14rem; }
details { margin: .3rem 0; } details details { margin-left: .9rem; } summary { cursor: pointer; font-size: .86rem; } summary:hover { color: var(--get); }
.ok, .no { font: 600 .8rem var(--mono); color: var(--post); } .no { color: var(--no); }
@media (max-width: 68rem) { .two { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 48rem) { body { display: block; } nav { position: static; height: auto; max-height: 40vh; border-right: 0; border-bottom: 1px solid var(--line); } }
@media print { nav { display: none; } body { display: block; } }
`;
