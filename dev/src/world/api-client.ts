import type { SampleCampaign, SampleClip } from './sample-world.js';

interface Answer {
  status: number;
  body: { detail?: string; clipId?: string; status?: string };
}

/** The little of the HTTP API that filling a world needs, used as any client would use it. */
export class ApiClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async launch(campaign: SampleCampaign): Promise<boolean> {
    return this.#create('/campaigns', campaign, `launch-${campaign.campaignId}`);
  }

  /** Submits and approves; false where the clip was there already. */
  async submitAndApprove(clip: SampleClip): Promise<boolean> {
    const key = `${clip.campaignId}-${clip.url}`;
    const { status, body } = await this.#post('/clips', clip, `submit-${key}`);
    if (status === 409) return false;
    this.#require(status, body, `submitting ${clip.url}`);
    const approved = await this.#post(`/clips/${body.clipId}/approve`, { campaignId: clip.campaignId }, `approve-${key}`);
    if (approved.status !== 409) this.#require(approved.status, approved.body, `approving ${clip.url}`);
    return true;
  }

  async #create(path: string, body: object, key: string): Promise<boolean> {
    const answer = await this.#post(path, body, key);
    if (answer.status === 409) return false;
    this.#require(answer.status, answer.body, `POST ${path}`);
    return true;
  }

  #require(status: number, body: Answer['body'], what: string): void {
    if (status >= 300) throw new Error(`${what} was answered ${status}: ${body.detail ?? JSON.stringify(body)}`);
  }

  async #post(path: string, body: object, key: string): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${this.#token}`,
        'idempotency-key': key.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 200),
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json().catch(() => ({}))) as Answer['body'] };
  }
}
