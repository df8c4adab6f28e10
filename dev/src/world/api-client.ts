import { identifyClip } from '@cliptally/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SampleCampaign, SampleClip } from './sample-world.js';

interface Answer {
  status: number;
  body: { code?: string; detail?: string; location?: string };
}

const ACCEPTED = 202;
const NOT_FOUND = 404;
const CONFLICT = 409;
/** Nothing was decided, as a starved machine answers: sent again a second later, it passes. */
const passes = ({ status, body }: Answer) =>
  status === 429 || status === 503 || body.code === 'busy';
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
   * Submits and approves, also if an earlier start was killed in between; false if the clip
   * was approved already, or if its campaign takes no clips any more.
   */
  async submitAndApprove(clip: SampleClip): Promise<boolean> {
    const made = await this.#make('/clips', clip);
    const identity = identifyClip(clip.url);
    return (
      identity.kind === 'clip' &&
      this.#make(`/clips/${identity.clipId}/approve`, { campaignId: clip.campaignId }, !made)
    );
  }

  /** False if the API refuses it: the person who asks goes on with something else. */
  async ask(path: string, body: object): Promise<boolean> {
    const { status } = await this.#sent(path, body);
    return status < 300;
  }

  async get<T>(path: string): Promise<T | null> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const response = await fetch(`${this.#url}${path}`, { headers });
    return response.ok ? ((await response.json()) as T) : null;
  }

  /** False on a conflict: it was there, or has moved on; so is a 404 if it `mayBeAbsent`. */
  async #make(path: string, body: object, mayBeAbsent = false): Promise<boolean> {
    const { status, body: answer } = await this.#sent(path, body);
    if (status === CONFLICT || (mayBeAbsent && status === NOT_FOUND)) return false;
    if (status >= 300)
      throw new Error(
        `POST ${path} with ${JSON.stringify(body)} was answered ${status}: ${answer.detail ?? ''}`,
      );
    return true;
  }

  /** The answer to a request that was neither put off nor is still on its way to be seen. */
  async #sent(path: string, body: object): Promise<Answer> {
    let answered = await this.#post(path, body);
    for (let attempt = 1; passes(answered) && attempt < ATTEMPTS; attempt++) {
      await sleep(1_000);
      answered = await this.#post(path, body);
    }
    const { status, body: answer } = answered;
    if (passes(answered))
      throw new Error(`POST ${path} was put off ${ATTEMPTS} times: ${answer.detail ?? ''}`);
    if (status === ACCEPTED && answer.location) await this.#visible(answer.location);
    return answered;
  }

  /** A starved machine answers 202: what was written can be read at `location` in a moment. */
  async #visible(location: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.#token}` };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { ok } = await fetch(new URL(location, this.#url), { headers });
      if (ok) return;
      await sleep(1_000);
    }
    throw new Error(`${location} could not be read after ${ATTEMPTS} s.`);
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
