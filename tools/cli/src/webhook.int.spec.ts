import { until } from '@cliptally/dev/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCliWorld } from './testing/cli-world.js';

describe('webhooks on the command line', () => {
  let cli: Awaited<ReturnType<typeof startCliWorld>>;
  beforeAll(async () => {
    cli = await startCliWorld();
  });
  afterAll(() => cli.close());

  it('an endpoint is added, tried, replayed, switched off and on', async () => {
    const added = await cli.run(
      'webhook add https://hooks.example/ --brand acme --types clip.held clip.submitted',
    );
    expect(added).toMatchObject({ status: 0, err: '' });
    expect(added.out).toMatch(/^types +clip\.held, clip\.submitted$/m);
    expect(added.out).toMatch(/^secret +whsec_\S{44}$/m);
    const [{ endpointId }] = await cli.json('webhook list');
    expect((await cli.run('webhook list')).out).not.toContain('whsec_');
    expect((await cli.run(`webhook rotate ${endpointId}`)).out).toContain('whsec_');
    const { webhookId } = await cli.json(`webhook test ${endpointId}`);
    await until('it is delivered', async () =>
      (await cli.run(`webhook deliveries ${endpointId}`)).out.includes('DELIVERED'),
    );
    for (const what of [`--webhook ${webhookId}`, '--from 2026-01-01T00:00Z'])
      expect((await cli.run(`webhook replay ${endpointId} ${what}`)).out).toBe(
        'It is sent again.\n',
      );
    expect((await cli.run(`webhook disable ${endpointId}`)).out).toMatch(/^status +DISABLED$/m);
    expect((await cli.run(`webhook test ${endpointId}`)).err).toContain('enable it before');
    expect((await cli.run(`webhook enable ${endpointId}`)).out).toMatch(/^status +ENABLED$/m);
  });
});
