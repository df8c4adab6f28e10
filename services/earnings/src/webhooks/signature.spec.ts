import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { newSecret, signedHeaders } from './signature.js';

describe('the signature of a webhook', () => {
  const body = JSON.stringify({ type: 'campaign.paused', data: { reason: 'Büro, 东京, 💥' } });
  const at = new Date('2026-02-01T12:00:00.900Z');

  it('is what another implementation of the specification makes, also of text beyond ASCII', () => {
    const [one, two] = [newSecret(), newSecret()];
    const headers = signedHeaders('0b7c6f7e', at, body, [one, two]);
    expect(headers).toEqual({
      'webhook-id': '0b7c6f7e',
      'webhook-timestamp': '1769947200',
      'webhook-signature': [one, two]
        .map((secret) => new Webhook(secret).sign('0b7c6f7e', at, body))
        .join(' '),
    });
  });

  it('is that of the example of the specification', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const payload = '{"test": 2432232314}';
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    const headers = signedHeaders(id, new Date(1_614_265_330_000), payload, [secret]);
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('is made with secrets of 256 bits, each another one', () => {
    expect(newSecret(Buffer.alloc(32, 1))).toBe(`whsec_${Buffer.alloc(32, 1).toString('base64')}`);
    expect(newSecret()).not.toBe(newSecret());
  });
});
