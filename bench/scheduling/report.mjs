/** Tables of what was measured: means over worlds, with standard errors of the mean. */

const sum = (values) => values.reduce((total, value) => total + value, 0);
const mean = (values) => sum(values) / values.length;
function standardError(values) {
  const middle = mean(values);
  return values.length < 2
    ? NaN
    : Math.sqrt(sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1) / values.length); // prettier-ignore
}

/** Mean difference in percent, world by world: worlds differ by far more than policies do. */
function difference(values, references) {
  const each = values.map((value, i) => 100 * (value / references[i] - 1));
  return { mean: mean(each), error: standardError(each) };
}

/** Ratio of two means, and its standard error. */
function ratio(values, references) {
  const whole = mean(references);
  const of = mean(values) / whole;
  const rests = values.map((value, i) => (value - of * references[i]) / whole);
  return { mean: of, error: standardError(rests) };
}

const shown = ({ mean: value, error }, digits) =>
  `${value.toFixed(digits)}${Number.isNaN(error) ? '' : ` (${error.toFixed(digits)})`}`;
const WIDTHS = [26, 10, 18, 18, 12, 12, 10, 10];
const line = (cells) =>
  `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(WIDTHS[i]) : cell.padStart(WIDTHS[i]))).join('')}\n`;
const HEADER = ['', 'waiting $', 'difference %', 'past the end', 'noticed h', 'of bound', 'oldest h', 'over cap']; // prettier-ignore

/**
 * A group of worlds, share by share. Differences are to the policy `reference`; views past a
 * campaign's end are a part of those of `classic`.
 */
export function tablesOf(title, worlds, reference) {
  const skipped = worlds.find((world) => world.skipped);
  if (skipped) return `\n${title}\n  skipped: ${skipped.skipped}\n`;
  const shares = [...new Set(worlds.map(({ share }) => share))];
  return `\n${title}\n${shares.map((share) => tableOf(share, worlds.filter((world) => world.share === share), reference)).join('')}`; // prettier-ignore
}

function tableOf(share, worlds, reference) {
  const of = (name, key) => worlds.map(({ rows }) => rows.find((row) => row.name === name)[key]);
  const lines = worlds[0].rows.map(({ name, ofBound }) =>
    line([
      name,
      mean(of(name, 'waiting')).toFixed(0),
      name === reference ? '' : shown(difference(of(name, 'waiting'), of(reference, 'waiting')), 1),
      mean(of('classic', 'overspend')) === 0
        ? ''
        : shown(ratio(of(name, 'overspend'), of('classic', 'overspend')), 3),
      mean(of(name, 'delay')).toFixed(1),
      ofBound === undefined ? '' : mean(of(name, 'ofBound')).toFixed(2),
      Math.max(...of(name, 'oldest')).toFixed(0),
      Math.max(...of(name, 'overCap')).toFixed(1),
    ]),
  );
  const needed = worlds.every(({ leastScrapes }) => leastScrapes === undefined) ? '' : neededOf(worlds); // prettier-ignore
  return `\n  scrapes a day = ${share * 100} % of active clips x 6; ${worlds.length} worlds; differences to ${reference}\n${line(HEADER)}${lines.join('')}${needed}`;
}

function neededOf(worlds) {
  const parts = worlds.flatMap(({ rows }) => rows.flatMap(({ scrapesNeeded }) => scrapesNeeded ?? [])); // prettier-ignore
  return `  scrapes needed for what classic reaches with all: ${mean(parts).toFixed(2)}; by a policy that knows the future: at least ${mean(worlds.map(({ leastScrapes }) => leastScrapes)).toFixed(2)}\n`;
}
