/**
 * Loaded into a scraper's process: the YouTube Data API answers at once, with views that grow, so
 * that only our own time is measured.
 */
const asked = globalThis.fetch;
let views = 10_000;
globalThis.fetch = async (address, options) => {
  const url = new URL(address);
  if (url.hostname !== 'www.googleapis.com') return asked(address, options);
  const ids = url.searchParams.get('id').split(',');
  return Response.json({
    items: ids.map((id) => ({
      id,
      statistics: { viewCount: String(views++), likeCount: '900', commentCount: '90' },
    })),
  });
};
