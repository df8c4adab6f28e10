import { identifyClip } from '@cliptally/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SampleCampaign, SampleClip } from './sample-world.js';

interface Answer {
  status: number;
  body: { code?: string; detail?: string };
}

const CONFLICT = 409;
/** A conflict that has decided nothing: said again a second later, it passes. */
const PASSING = 'busy';
const ATTEMPTS = 30;

/**
 * The little of the HTTP API that a sample world needs, used as any client would use it. What is
 * there already is left as it is.
 */
export class ApiClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async launch(campaign: SampleCampaign): Promise<void> {
    await this.#make('/campaigns', campaign);
  }

  /**
   * Submits and approves, also where an earlier start was killed in between; false where the clip
   * was approved already.
   */
  async submitAndApprove(clip: SampleClip): Promise<boolean> {
    await this.#make('/clips', clip);
    const identity = identifyClip(clip.url);
    return (
      identity.kind === 'clip' &&
      this.#make(`/clips/${identity.clipId}/approve`, { campaignId: clip.campaignId })
    );
  }

  /** False on a conflict: it was there, or has moved on. */
  async #make(path: string, body: object): Promise<boolean> {
    let { status, body: answer } = await this.#post(path, body);
    for (let attempt = 1; answer.code === PASSING && attempt < ATTEMPTS; attempt++) {
      await sleep(1_000);
      ({ status, body: answer } = await this.#post(path, body));
    }
    if (answer.code === PASSING)
      throw new Error(`POST ${path} was put off ${ATTEMPTS} times: ${answer.detail ?? ''}`);
    if (status === CONFLICT) return false;
    if (status >= 300)
      throw new Error(
        `POST ${path} with ${JSON.stringify(body)} was answered ${status}: ${answer.detail ?? ''}`,
      );
    return true;
  }

  async #post(path: string, body: object): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      body: (await response.json().catch(() => ({}))) as Answer['body'],
    };
  }
}
