import { freshUrl, type startApiWorld } from './api-world.js';

type World = Awaited<ReturnType<typeof startApiWorld>>;

/** What many tests of the API begin with; each gives the id of what it made. */
export function stepsOf(worldOf: () => World) {
  const launched = async (more: object = {}) => {
    const world = worldOf();
    return (await world.post('/campaigns', world.terms(more))).body.campaignId as string;
  };
  const submitted = async (campaignId: string, creatorId = 'ann') => {
    const { body } = await worldOf().post('/clips', { url: freshUrl(), campaignId, creatorId });
    return body.clipId as string;
  };
  const approved = async (campaignId: string, creatorId = 'ann') => {
    const clipId = await submitted(campaignId, creatorId);
    await worldOf().post(`/clips/${clipId}/approve`);
    return clipId;
  };
  return { launched, submitted, approved };
}
