/** Our figures beside the best of those who do the same work, and beside the limit. */

/** Says for each goal what was reached; one that no peer was measured for is left out. */
export function compare(figures) {
  const ours = (campaigns) =>
    figures.find((figure) => figure.id === 'ours' && figure.campaigns === campaigns);
  const limit = figures.find(({ id }) => id === 'limit');
  const best = (campaigns, better) =>
    figures
      .filter((figure) => figure.id !== 'ours' && figure.campaigns === campaigns)
      .toSorted(better)[0];
  const byRate = (a, b) => b.perSecond - a.perSecond;
  const by = (percentile) => (a, b) => a[percentile] - b[percentile];
  const goals = [];
  const atLeast = (what, own, other, goal) => {
    if (own && other) goals.push({ what, ratio: own.perSecond / other.perSecond, goal: `at least ${goal}`, met: own.perSecond >= goal * other.perSecond }); // prettier-ignore
  };
  const atMost = (what, percentile, own, other, goal) => {
    if (own && other) goals.push({ what: `${what} (${other.name})`, ratio: own[percentile] / other[percentile], goal: `at most ${goal}`, met: own[percentile] <= goal * other[percentile] }); // prettier-ignore
  };
  for (const [campaigns, goal] of [
    [1, 6],
    [40, 3],
  ]) {
    const peer = best(campaigns, byRate);
    atLeast(`rate, ${campaigns} campaigns, of the best with the same work (${peer?.name})`, ours(campaigns), peer, goal); // prettier-ignore
  }
  atMost('p50, 40 campaigns, of the best', 'p50', ours(40), best(40, by('p50')), 3);
  atMost('p99, 40 campaigns, of the best', 'p99', ours(40), best(40, by('p99')), 1);
  atLeast('rate, 40 campaigns, of the limit', ours(40), limit, 0.5);
  return goals;
}
