import { z } from 'zod';
import { Label, Text } from '../text.js';
import { ClipId, EntityId, Url } from './common.js';

const ofLink = { linkId: z.uuid() };
const why = {
  /** A fixed word: why the link has led nowhere. */
  reason: Text.min(1).max(64),
  /** The same as a sentence for the creator. */
  detail: Text.min(1).max(1000),
};
const waiting = {
  /** The last address that it led to. */
  leadsTo: Url.optional(),
  /** A person has to say which clip it is; it is tried again meanwhile, but seldom. */
  forPerson: z.boolean().optional(),
};
/** Who has decided; nobody if the link was followed. */
const by = Label.optional();

/**
 * A clip submitted by a short link that could not be followed just then. It is tried again; no clip
 * exists before it resolves.
 */
export const ShortLinkSubmitted = z.object({
  ...ofLink,
  campaignId: EntityId,
  creatorId: EntityId,
  /** The short link, cleaned; it and the campaign make the `linkId`. */
  url: Url,
  submittedUrl: Text.max(2048),
  ...why,
  ...waiting,
});
/** One more try in vain. */
export const ShortLinkTried = z.object({ ...ofLink, ...why, ...waiting });
/** It has led to a clip, whose ClipSubmitted stands in the same append. */
export const ShortLinkResolved = z.object({ ...ofLink, clipId: ClipId, by });
/**
 * Its end without a clip: it leads to none, or to one that the rules refuse, or nowhere in the time
 * that it had.
 */
export const ShortLinkRefused = z.object({ ...ofLink, ...why, by });
